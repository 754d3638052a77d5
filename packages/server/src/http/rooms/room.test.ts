import { AppError } from '@farthing/contract';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Taker } from './fair-share.ts';
import { type Place, Room, type Waiter } from './room.ts';

const refusal = () => new AppError('overloaded', 'no room');
const open = (size: number, waiting = 100, waitMs = 1_000) => new Room({ size, waiting, waitMs, refusal });
const who = (tenant: string, key = tenant): Taker => ({ tenant, key });

/** Takes places one by one until none is free at once. */
function fill(room: Room, taker: Taker): Place[] {
  const places: Place[] = [];
  for (let place = room.take(taker, 1); place !== null; place = room.take(taker, 1)) places.push(place);
  return places;
}

function waiter(asked: Place | Waiter): Waiter {
  if (!('place' in asked)) throw new Error('there was room at once');
  return asked;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('shares', () => {
  it('leave room: a key alone has a third, its tenant half, and a newcomer always finds some', () => {
    const room = open(300);
    expect(fill(room, who('acme', 'k1'))).toHaveLength(100);
    const rest = ['k2', 'k3', 'k4', 'k5', 'k6', 'k7', 'k8', 'k9'].flatMap((key) =>
      fill(room, who('acme', key)),
    );
    expect(100 + rest.length).toBeLessThanOrEqual(150);
    expect(room.take(who('globex'), 1)).not.toBeNull();
  });

  it('are given anew when others leave', async () => {
    const room = open(6);
    const acme = fill(room, who('acme'));
    const globex = fill(room, who('globex'));
    expect([acme.length, globex.length]).toEqual([2, 2]);
    const waiting = waiter(room.ask(who('acme'), 1));
    globex[0]?.leave();
    acme[0]?.leave();
    expect(await waiting.place).not.toBeNull();
  });

  it('let the largest body in where nothing else is under way, and a small one beside it', () => {
    const room = open(100);
    expect(room.take(who('acme'), 100)).not.toBeNull();
    const other = open(100);
    expect(other.take(who('acme'), 60)).not.toBeNull();
    expect(other.take(who('acme'), 30)).toBeNull();
    expect(other.take(who('globex'), 30)).not.toBeNull();
  });
});

describe('the line', () => {
  it('is served in turns, tenant by tenant and key by key', async () => {
    // Room for two: one place stays free for others, and no one gets it twice in a row while others wait.
    const room = open(2);
    let inside = room.take(who('first'), 2);
    const served: string[] = [];
    const ask = (tenant: string, key: string) =>
      waiter(room.ask(who(tenant, key), 2)).place.then((place) => {
        served.push(key);
        inside = place;
      });
    const all = [
      ask('loud', 'loud-1'),
      ask('loud', 'loud-1'),
      ask('loud', 'loud-1'),
      ask('loud', 'loud-2'),
      ask('quiet', 'quiet-1'),
    ];
    for (const _one of all) {
      inside?.leave();
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(served.slice(0, 3)).toEqual(['loud-1', 'quiet-1', 'loud-2']);
    await Promise.all(all);
    expect(room.read()).toMatchObject({ taken: 2, waiting: 0 });
  });

  it('has an end, in number and in time, and says whose share was short', async () => {
    const room = open(3, 3, 1_000);
    fill(room, who('acme'));
    const waiting = waiter(room.ask(who('acme'), 1));
    expect(() => room.ask(who('acme'), 1)).toThrow('no room');
    const refused = expect(waiting.place).rejects.toThrow('no room');
    await vi.advanceTimersByTimeAsync(1_000);
    await refused;
    expect(room.read()).toMatchObject({ waiting: 0, refused: { share: 2, full: 0 } });
    fill(room, who('globex'));
    fill(room, who('initech'));
    for (const name of 'abcdefgh') room.take(who(name), 1);
    const late = expect(waiter(room.ask(who('late'), 1)).place).rejects.toThrow('no room');
    await vi.advanceTimersByTimeAsync(1_000);
    await late;
    expect(room.read().refused.full).toBe(1);
  });

  it('ends when the room closes; places that were given are given back all the same', async () => {
    const room = open(1);
    const place = room.take(who('acme'), 1);
    const waiting = expect(waiter(room.ask(who('globex'), 1)).place).rejects.toThrow('stopping');
    room.close(() => new AppError('shutting_down', 'stopping'));
    await waiting;
    expect(() => room.ask(who('globex'), 1)).toThrow('stopping');
    place?.leave();
    expect(room.read()).toMatchObject({ taken: 0, waiting: 0 });
  });
});

it('nothing is leaked or given twice, and nobody waits who would fit, whatever comes and goes', async () => {
  const amounts = fc.integer({ min: 1, max: 9 });
  const step = fc.oneof(
    fc.record({ do: fc.constant('ask' as const), tenant: fc.nat(3), key: fc.nat(2), amount: amounts }),
    fc.record({ do: fc.constant('leave' as const), at: fc.nat() }),
    fc.record({ do: fc.constant('leave twice' as const), at: fc.nat() }),
    fc.record({ do: fc.constant('abandon' as const), at: fc.nat() }),
    fc.record({ do: fc.constant('time passes' as const), ms: fc.integer({ min: 1, max: 700 }) }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 120 }),
      fc.integer({ min: 9, max: 40 }),
      async (steps, size) => {
        const room = open(size, 12, 1_000);
        const inside = new Map<Place, number>();
        const waiting = new Map<Waiter, { readonly taker: Taker; readonly amount: number }>();
        const pick = <T>(from: Iterable<T>, at: number) => {
          const all = [...from];
          return all[at % Math.max(1, all.length)];
        };
        for (const one of steps) {
          if (one.do === 'ask') {
            const taker = who(`t${one.tenant}`, `t${one.tenant}k${one.key}`);
            try {
              const asked = room.ask(taker, one.amount);
              if ('place' in asked) {
                waiting.set(asked, { taker, amount: one.amount });
                asked.place
                  .then((place) => {
                    if (place !== null) inside.set(place, one.amount);
                  })
                  .catch(() => undefined)
                  .finally(() => waiting.delete(asked));
              } else inside.set(asked, one.amount);
            } catch {
              // The line is full.
            }
          } else if (one.do === 'time passes') {
            await vi.advanceTimersByTimeAsync(one.ms);
          } else if (one.do === 'abandon') {
            pick(waiting.keys(), one.at)?.abandon();
          } else {
            const place = pick(inside.keys(), one.at);
            place?.leave();
            if (one.do === 'leave twice') place?.leave();
            if (place !== undefined) inside.delete(place);
          }
          await vi.advanceTimersByTimeAsync(0);
          const sum = [...inside.values()].reduce((total, amount) => total + amount, 0);
          const { taken, waiting: inLine } = room.read();
          expect([taken, inLine]).toEqual([sum, waiting.size]);
          expect(taken).toBeLessThanOrEqual(size);
          // The first of every queue does not fit: a trial take of its amount fails.
          const heads = new Map([...waiting.values()].reverse().map((one) => [one.taker.key, one]));
          for (const { taker, amount } of heads.values()) expect(room.take(taker, amount)).toBeNull();
        }
        for (const place of inside.keys()) place.leave();
        await vi.advanceTimersByTimeAsync(0);
        for (let round = 0; round < 50 && inside.size > 0; round += 1) {
          for (const place of inside.keys()) place.leave();
          await vi.advanceTimersByTimeAsync(100);
        }
        expect(room.read()).toMatchObject({ taken: 0, waiting: 0 });
      },
    ),
    { numRuns: 150 },
  );
});
