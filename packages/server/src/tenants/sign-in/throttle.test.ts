import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressGroup, createThrottle } from './throttle.ts';

const LIMIT = { burst: 3, everyMs: 10_000 };

describe('throttle', () => {
  it('lets a burst through, then one attempt after another, and says how long to wait', () => {
    let now = 1_000_000;
    const throttle = createThrottle({ elapsed: () => now });
    const one = [{ name: 'a', limit: LIMIT }];
    for (let attempt = 0; attempt < 3; attempt++) throttle.take(one);
    expect(() => throttle.take(one)).toThrow(
      expect.objectContaining({ code: 'rate_limited', retryAfter: 10 }),
    );
    now += 4_000;
    expect(() => throttle.take(one)).toThrow(expect.objectContaining({ retryAfter: 6 }));
    now += 6_000;
    throttle.take(one);
    expect(() => throttle.take(one)).toThrow('Too many attempts');
  });

  it('never lets more through than the burst and one each interval, whenever they come, and always one that waited', () => {
    const pauses = fc.array(fc.nat({ max: 25_000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), pauses, (burst, given) => {
        let now = 0;
        const throttle = createThrottle({ elapsed: () => now });
        const one = [{ name: 'a', limit: { burst, everyMs: 10_000 } }];
        const passed: number[] = [];
        for (const pause of given) {
          now += pause;
          try {
            throttle.take(one);
            passed.push(now);
          } catch (error) {
            const { retryAfter } = error as { retryAfter: number };
            now += retryAfter * 1_000;
            throttle.take(one);
            passed.push(now);
          }
        }
        for (const [from, start] of passed.entries()) {
          for (const [to, end] of passed.entries()) {
            if (to < from) continue;
            expect(to - from + 1).toBeLessThanOrEqual(burst + Math.floor((end - start) / 10_000));
          }
        }
      }),
    );
  });

  it('counts for nobody when one of several has none left, and forgets good attempts', () => {
    const throttle = createThrottle({ elapsed: () => 0 });
    const account = { name: 'account', limit: { burst: 1, everyMs: 10 } };
    const address = { name: 'address', limit: { burst: 2, everyMs: 10 } };
    throttle.take([account, address]);
    expect(() => throttle.take([account, address])).toThrow('Too many attempts');
    throttle.take([address]);
    throttle.giveBack([account]);
    throttle.take([account]);
  });

  it('remembers a bounded number of names: the oldest makes room', () => {
    const throttle = createThrottle({ elapsed: () => 0, capacity: 2 });
    const once = (name: string) => throttle.take([{ name, limit: { burst: 1, everyMs: 10 } }]);
    for (const name of ['a', 'b', 'c']) once(name);
    once('a');
    expect(() => once('c')).toThrow('Too many attempts');
  });

  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8:0:0:1::1', '2001:db8:0:0'],
    ['2001:0db8::dead:beef', '2001:db8:0:0'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
  ])('counts %s as %s: who has one address of a network has all of it', (address, group) => {
    expect(addressGroup(address)).toBe(group);
  });
});
