import { book } from '@farthing/pricing/book';
import { describe, expect, test } from 'vitest';
import { testEvent } from '../../../../tests/ledger/events.ts';
import { installedBook } from '../price-book/installed-book.ts';
import { tenantBook } from '../price-book/overrides/tenant-overrides.ts';
import { rateEvent, USUAL_TERMS } from './rate-event.ts';

const books = installedBook(book);
const FREE = { ...USUAL_TERMS, tier: 'development' } as const;

test('a call that cannot have been billed costs 0 without usage; any other one without usage is unpriced', () => {
  const nothing = { ...testEvent(), segments: [], source: 'none' as const };
  expect(rateEvent({ ...nothing, billed: false }, books, USUAL_TERMS).charge.totalPicos).toBe(0n);
  expect(rateEvent({ ...nothing, status: 'error' }, books, USUAL_TERMS).charge.totalPicos).toBe(0n);
  expect(rateEvent(nothing, books, USUAL_TERMS).charge.totalPicos).toBeNull();
});

describe('in the development tier', () => {
  test('a call is charged 0, line by line, and keeps its list cost and rates', () => {
    const list = rateEvent(testEvent(), books, USUAL_TERMS);
    const free = rateEvent(testEvent(), books, FREE);
    expect(list.charge.totalPicos).toBeGreaterThan(0n);
    expect(free.listPicos).toBe(list.charge.totalPicos);
    expect(free.charge.totalPicos).toBe(0n);
    expect(free.charge.lines.map((line) => line.amountPicos)).toEqual(list.charge.lines.map(() => 0n));
    expect(free.charge.lines.map((line) => line.rate)).toEqual(list.charge.lines.map((line) => line.rate));
  });

  test('a call of an unknown model is charged 0 and its list cost stays unknown', () => {
    const free = rateEvent(testEvent({ model: 'no-such-model' }), books, FREE);
    expect(free.charge.totalPicos).toBe(0n);
    expect(free.listPicos).toBeNull();
  });
});

describe('a cost that the provider stated', () => {
  const stated = (provider: string) => ({
    ...testEvent({ provider, model: provider === 'openrouter' ? 'openai/gpt-4o' : 'gpt-4o' }),
    reportedCost: { usd: '0.123456789012345', field: 'usage.cost' },
  });

  test('is charged where the provider states its charges, with the difference as a line and the list cost beside it', () => {
    const { charge, listPicos } = rateEvent(stated('openrouter'), books, USUAL_TERMS);
    expect(charge.totalPicos).toBe(123_456_789_012n);
    expect(listPicos).toBe(6_400_000_000n);
    expect(charge.lines.at(-1)).toMatchObject({
      meter: 'reported_difference',
      amountPicos: 117_056_789_012n,
    });
  });

  test('is only kept beside ours elsewhere, where the setting says so, and where the tenant agreed on a price', () => {
    expect(rateEvent(stated('openai'), books, USUAL_TERMS).charge.totalPicos).toBe(6_400_000_000n);
    const computed = { ...USUAL_TERMS, reported: [] };
    expect(rateEvent(stated('openrouter'), books, computed).charge.totalPicos).toBe(6_400_000_000n);
    const half = { kind: 'percent', percent: '-50' } as const;
    const everything = { provider: null, model: null, tier: null, from: null, to: null };
    const agreed = tenantBook(book, [{ id: '1', terms: half, ...everything, date: '2026-11-22' }]);
    const own = { forList: () => book, forTenant: () => agreed };
    expect(rateEvent(stated('openrouter'), own, USUAL_TERMS).charge.totalPicos).toBe(3_200_000_000n);
  });
});
