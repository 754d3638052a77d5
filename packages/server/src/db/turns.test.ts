import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ReadKind } from './asker.ts';
import { type CallerTurns, createTurns } from './turns.ts';

/** Asks for turns by name and records the order in which they are given. */
function ground(turns: CallerTurns) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const ask = (name: string, tenant: string, key = 'k', kind: ReadKind = 'report', gone?: AbortSignal) =>
    turns.take({ tenant, key, kind }, gone).then((end) => {
      begun.push(name);
      ends.set(name, end);
    });
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const end = async (name: string) => {
    await settle();
    ends.get(name)?.();
    ends.delete(name);
    await settle();
  };
  return { begun, ask, end, settle };
}

describe('turns', () => {
  test('forty heavy reads of one tenant leave a place free, which the others read through one after another', async () => {
    const turns = createTurns({ places: 3, waitingPerKey: 40 });
    const { begun, ask, end, settle } = ground(turns);
    for (let n = 0; n < 40; n++) void ask(`heavy ${n}`, 'acme');
    await settle();
    expect(begun).toEqual(['heavy 0', 'heavy 1']);
    for (let n = 0; n < 20; n++) {
      void ask(`quick ${n}`, 'globex');
      await end(`quick ${n}`);
    }
    expect(begun.slice(2)).toEqual(Array.from({ length: 20 }, (_, n) => `quick ${n}`));
  });

  test('a tenant with nothing under way goes before one that has, however long that one has waited', async () => {
    const { begun, ask, end, settle } = ground(createTurns({ places: 2 }));
    void ask('a1', 'a');
    void ask('b1', 'b');
    for (const name of ['a2', 'a3', 'a4']) void ask(name, 'a');
    void ask('c1', 'c');
    void ask('d1', 'd');
    await settle();
    expect(begun).toEqual(['a1', 'b1']);
    await end('b1');
    await end('a1');
    expect(begun).toEqual(['a1', 'b1', 'c1', 'd1']);
    await end('c1');
    expect(begun.at(-1)).toBe('a2');
  });

  test('inside a tenant the keys take turns: one that asks for much does not push another aside', async () => {
    const { begun, ask, end, settle } = ground(createTurns({ places: 2 }));
    for (const name of ['x1', 'x2', 'x3', 'x4']) void ask(name, 'a', 'x');
    void ask('y1', 'a', 'y');
    await settle();
    await end('x1');
    await end('y1');
    expect(begun).toEqual(['x1', 'y1', 'x2']);
  });

  test('exports have half of the places and no more, and reports go before them', async () => {
    const { begun, ask, end, settle } = ground(createTurns({ places: 4 }));
    for (const tenant of ['a', 'b', 'c', 'd']) void ask(`file of ${tenant}`, tenant, 'k', 'export');
    void ask('report', 'e');
    await settle();
    expect(begun).toEqual(['file of a', 'file of b', 'report']);
    await end('report');
    expect(begun).toHaveLength(3);
    await end('file of a');
    expect(begun.at(-1)).toBe('file of c');
  });

  test('too much waiting is refused to its key, then to its tenant, and to nobody else', async () => {
    const turns = createTurns({ places: 2, waitingPerKey: 2, waitingPerTenant: 3 });
    const { ask, begun } = ground(turns);
    for (const name of ['r', 'w1', 'w2']) void ask(name, 'a', 'x');
    await expect(ask('w3', 'a', 'x')).rejects.toMatchObject({ code: 'rate_limited', retryAfter: 5 });
    void ask('v1', 'a', 'y');
    await expect(ask('v2', 'a', 'y')).rejects.toMatchObject({ code: 'rate_limited' });
    await ask('other', 'b');
    expect(begun).toContain('other');
    expect(turns.status()).toEqual({ running: 2, waiting: 3, refused: { busy: 2, late: 0 } });
  });

  test('who leaves while waiting is out of the queue, and who has left takes no turn', async () => {
    const turns = createTurns({ places: 1 });
    const { ask, begun, end } = ground(turns);
    await ask('first', 'a');
    const leaving = new AbortController();
    const left = ask('left', 'b', 'k', 'report', leaving.signal);
    leaving.abort(new Error('The client has left.'));
    await expect(left).rejects.toThrow('The client has left.');
    expect(turns.status().waiting).toBe(0);
    await end('first');
    await expect(ask('late', 'b', 'k', 'report', leaving.signal)).rejects.toThrow('The client has left.');
    await ask('next', 'c');
    expect(begun).toEqual(['first', 'next']);
  });

  describe('by the clock', () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    test('who waits behind their own work is told so soon; who waits behind others is given longer', async () => {
      const turns = createTurns({ places: 2 });
      const { ask } = ground(turns);
      await ask('a1', 'a');
      await ask('b1', 'b');
      const own = expect(ask('a2', 'a')).rejects.toMatchObject({ code: 'rate_limited' });
      const behind = expect(ask('c1', 'c')).rejects.toMatchObject({ code: 'overloaded', retryAfter: 5 });
      const file = expect(ask('c file', 'c', 'k', 'export')).rejects.toMatchObject({ code: 'overloaded' });
      await vi.advanceTimersByTimeAsync(10_000);
      await own;
      expect(turns.status()).toMatchObject({ waiting: 2, refused: { busy: 1, late: 0 } });
      await vi.advanceTimersByTimeAsync(30_000);
      await behind;
      expect(turns.status()).toMatchObject({ waiting: 1, refused: { busy: 1, late: 1 } });
      await vi.advanceTimersByTimeAsync(260_000);
      await file;
    });
  });

  test('whatever is asked and ended in whatever order: no place is used twice, and no tenant has them all', async () => {
    const step = fc.oneof(
      fc.record({ ask: fc.constantFrom('a', 'b', 'c'), kind: fc.constantFrom('report', 'export') }),
      fc.record({ end: fc.nat(9) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(step, { maxLength: 60 }),
        async (places, steps) => {
          const turns = createTurns({ places, waitingPerKey: 100, waitingPerTenant: 100 });
          const running: { tenant: string; kind: ReadKind; end: () => void }[] = [];
          let asked = 0;
          let ended = 0;
          for (const one of steps) {
            if ('ask' in one) {
              asked += 1;
              const { ask: tenant, kind } = one;
              void turns.take({ tenant, key: 'k', kind }).then((end) => running.push({ tenant, kind, end }));
            } else {
              const [over] = running.splice(one.end % Math.max(1, running.length), 1);
              if (over !== undefined) ended += 1;
              over?.end();
              over?.end();
            }
            await new Promise((resolve) => setImmediate(resolve));
            const status = turns.status();
            expect(status.running).toBe(running.length);
            expect(status.running + status.waiting + ended).toBe(asked);
            expect(running.length).toBeLessThanOrEqual(places);
            expect(running.filter(({ kind }) => kind === 'export').length).toBeLessThanOrEqual(
              Math.max(1, Math.floor(places / 2)),
            );
            const most = Math.max(
              ...['a', 'b', 'c'].map((name) => running.filter((r) => r.tenant === name).length),
            );
            if (places > 1) expect(most).toBeLessThan(places);
          }
          // Nobody is forgotten: every waiting caller gets a turn in the end.
          while (running.length > 0) {
            running.shift()?.end();
            await new Promise((resolve) => setImmediate(resolve));
          }
          expect(turns.status()).toMatchObject({ running: 0, waiting: 0 });
        },
      ),
      { numRuns: 60 },
    );
  });
});
