import { expect, test } from 'vitest';
import { testEvent } from '../../../../tests/ledger/events.ts';
import type { RecordOutcome, UsageEvent } from '../ledger/usage-event.ts';
import type { Entry, Verdict } from './commit/commit.ts';
import type { Committer } from './commit/committer.ts';
import { GroupCommit } from './group-commit.ts';

const POISON = 'too-much';
const timeUp = () =>
  Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' });

const entryOf = (event: UsageEvent, row = 1_000): Entry => ({
  rated: { event } as Entry['rated'],
  key: `${event.tenant}\0${event.id}`,
  row: Buffer.alloc(row),
  patterns: [],
});

/** Group commit over a database that gives up on every transaction with a poisoned event in it. */
function poisoned() {
  const transactions: (readonly string[])[] = [];
  let written = 0;
  const committer: Committer = {
    async commit(entries) {
      await new Promise(setImmediate);
      transactions.push(entries.map(({ rated }) => rated.event.tenant));
      if (entries.some(({ rated }) => rated.event.model === POISON)) throw timeUp();
      written += entries.length;
      const accepted = ({ rated }: Entry): Verdict => ({
        outcome: { status: 'accepted', id: rated.event.id, costPicos: 0n, unpriced: [] },
        standing: null,
      });
      return new Map(entries.map((entry) => [entry.key, accepted(entry)]));
    },
    answers: () => Promise.resolve(true),
    get written() {
      return written;
    },
    quarantine: () => Promise.resolve(),
  };
  const groups: GroupCommit = new GroupCommit({
    committer,
    limits: { batchEvents: 1_000, batchBytes: 1e7, lanes: 2, statementMs: 100 },
    onAway: () => expect.unreachable('the database answers'),
    onLater: (items) => {
      for (const item of items) groups.settle(item, { status: 'queued', id: item.entry.rated.event.id });
    },
    onUnstorable: () => undefined,
  });
  const send = (event: UsageEvent, row?: number) =>
    new Promise<RecordOutcome>((resolve, reject) => {
      groups.add(entryOf(event, row), { settled: (_, __, outcome) => resolve(outcome), failed: reject }, 0);
    });
  return { transactions, send };
}

test('what broke one transaction of others breaks none after it: its source writes by itself from then on', async () => {
  const { transactions, send } = poisoned();
  const theirs = () => testEvent({ tenant: 'globex' });
  const poison = () => testEvent({ tenant: 'acme', model: POISON });
  const first = await Promise.all([send(theirs()), send(poison()), send(theirs())]);
  expect(first.map(({ status }) => status)).toEqual(['accepted', 'rejected', 'accepted']);
  const before = transactions.length;
  const next = await Promise.all([send(poison()), send(theirs()), send(poison()), send(theirs())]);
  expect([next[1]?.status, next[3]?.status]).toEqual(['accepted', 'accepted']);
  const mixed = transactions.slice(before).filter((tenants) => new Set(tenants).size > 1);
  expect(mixed).toEqual([]);
});

test('a heavy row is alone in its transaction', async () => {
  const { transactions, send } = poisoned();
  await Promise.all([
    send(testEvent(), 500_000),
    send(testEvent()),
    send(testEvent(), 500_000),
    send(testEvent()),
  ]);
  expect(transactions.map((tenants) => tenants.length).sort()).toEqual([1, 1, 2]);
});

test('one poisoned event among a thousand costs few transactions, and each of the others is in one that passed', async () => {
  const { transactions, send } = poisoned();
  const outcomes = await Promise.all(
    Array.from({ length: 1_000 }, (_, index) => send(testEvent(index === 617 ? { model: POISON } : {}))),
  );
  expect(outcomes.filter(({ status }) => status === 'accepted')).toHaveLength(999);
  expect(outcomes[617]).toMatchObject({ status: 'rejected', code: 'unstorable_event' });
  expect(transactions.length).toBeLessThan(40);
});
