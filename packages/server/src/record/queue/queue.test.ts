import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { testEvent } from '../../../../../tests/ledger/events.ts';
import { type Item, ItemQueue, itemBytes } from './queue.ts';

const caller = { settled: () => undefined, failed: () => undefined };
const LIMITS = { events: 100, bytes: 1_000_000 };
const keyId = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** An item with a row of so many bytes; the charge plays no part here. */
function item(tenant: string, { id = crypto.randomUUID(), key = 1, row = 1_500 } = {}): Item {
  const event = testEvent({ tenant, id, attribution: { apiKeyId: keyId(key) } });
  const rated = { event } as Item['entry']['rated'];
  const entry = { rated, key: `${tenant}\0${id}`, row: Buffer.alloc(row), patterns: [] };
  return { entry, bytes: itemBytes(entry), caller, position: 0 };
}

const tenantsOf = (items: readonly Item[]) => items.map(({ entry }) => entry.rated.event.tenant);

describe('the queue', () => {
  test('lets whoever comes last into the very next batch, however much another has waiting', () => {
    const queue = new ItemQueue();
    for (let n = 0; n < 10_000; n += 1) queue.push(item('flood'));
    queue.take(LIMITS);
    queue.push(item('one'));
    expect(tenantsOf(queue.take(LIMITS).leaders)).toContain('one');
  });

  test('shares out bytes, not events: who sends large ones gets fewer of them in', () => {
    const queue = new ItemQueue();
    for (let n = 0; n < 1_000; n += 1) queue.push(item('large', { row: 60_000 }));
    for (let n = 0; n < 1_000; n += 1) queue.push(item('small', { row: 1_000 }));
    const taken = tenantsOf(queue.take({ events: 1_000, bytes: 1_000_000 }).leaders);
    const small = taken.filter((tenant) => tenant === 'small').length;
    expect(taken.length - small).toBeLessThanOrEqual(20);
    expect(small).toBeGreaterThan(200);
  });

  test('gives the keys of a tenant their turns too', () => {
    const queue = new ItemQueue();
    for (let n = 0; n < 1_000; n += 1) queue.push(item('acme', { key: 1 }));
    queue.push(item('acme', { key: 2 }));
    const keys = queue.take(LIMITS).leaders.map(({ entry }) => entry.rated.event.attribution.apiKeyId);
    expect(keys).toContain(keyId(2));
  });

  test('puts a heavy row into a batch of its own, aside of the others', () => {
    const queue = new ItemQueue();
    queue.push(item('acme', { row: 900_000 }));
    queue.push(item('acme', { row: 900_000 }));
    queue.push(item('acme'));
    expect([queue.length, queue.aside]).toEqual([1, 2]);
    expect(queue.takeAside(LIMITS).leaders).toHaveLength(1);
    expect(queue.take(LIMITS).leaders).toHaveLength(1);
  });

  test('moves what waits of a suspect aside, and leaves the tenant’s other keys where they are', () => {
    const queue = new ItemQueue();
    const bad = item('acme', { key: 1 });
    queue.push(bad);
    queue.push(item('acme', { key: 2 }));
    queue.suspect(bad.entry.rated.event, 60_000);
    queue.push(item('acme', { key: 1 }));
    expect([queue.length, queue.aside]).toEqual([1, 2]);
    queue.suspect(bad.entry.rated.event, -1);
    queue.push(item('acme', { key: 1 }));
    expect([queue.length, queue.aside]).toEqual([2, 2]);
  });

  test('loses nothing, gives nothing twice, and keeps the order of each key', () => {
    const pushed = fc.array(
      fc.record({
        tenant: fc.constantFrom('a', 'b', 'c'),
        key: fc.integer({ min: 1, max: 3 }),
        row: fc.integer({ min: 1, max: 200_000 }),
        take: fc.boolean(),
      }),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(pushed, (steps) => {
        const queue = new ItemQueue();
        const [came, went]: [Item[], Item[]] = [[], []];
        const takeOne = () => {
          for (const batch of [
            queue.take({ events: 7, bytes: 300_000 }),
            queue.takeAside({ events: 7, bytes: 300_000 }),
          ])
            went.push(...batch.leaders);
        };
        for (const { take, tenant, ...rest } of steps) {
          const one = item(tenant, rest);
          came.push(one);
          queue.push(one);
          if (take) takeOne();
        }
        while (queue.length + queue.aside > 0) takeOne();
        expect(new Set(went)).toEqual(new Set(came));
        expect(went).toHaveLength(came.length);
        const inOrder = (items: readonly Item[], heavy: boolean) =>
          Object.groupBy(
            items.filter(({ entry }) => entry.row.length > 128 * 1024 === heavy),
            ({ entry: { rated } }) => `${rated.event.tenant} ${rated.event.attribution.apiKeyId}`,
          );
        for (const heavy of [true, false]) expect(inOrder(went, heavy)).toEqual(inOrder(came, heavy));
      }),
      { numRuns: 60 },
    );
  });
});
