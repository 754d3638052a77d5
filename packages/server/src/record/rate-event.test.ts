import { book } from '@farthing/pricing/book';
import { describe, expect, test } from 'vitest';
import { testEvent } from '../../../../tests/ledger/events.ts';
import { installedBook } from '../price-book/installed-book.ts';
import { rateEvent } from './rate-event.ts';

const books = installedBook(book);

test('a call that cannot have been billed costs 0 without usage; any other one without usage is unpriced', () => {
  const nothing = { ...testEvent(), segments: [], source: 'none' as const };
  expect(rateEvent({ ...nothing, billed: false }, books, 'production').charge.totalPicos).toBe(0n);
  expect(rateEvent({ ...nothing, status: 'error' }, books, 'production').charge.totalPicos).toBe(0n);
  expect(rateEvent(nothing, books, 'production').charge.totalPicos).toBeNull();
});

describe('in the development tier', () => {
  test('a call is charged 0, line by line, and keeps its list cost and rates', () => {
    const list = rateEvent(testEvent(), books, 'production');
    const free = rateEvent(testEvent(), books, 'development');
    expect(list.charge.totalPicos).toBeGreaterThan(0n);
    expect(free.listPicos).toBe(list.charge.totalPicos);
    expect(free.charge.totalPicos).toBe(0n);
    expect(free.charge.lines.map((line) => line.amountPicos)).toEqual(list.charge.lines.map(() => 0n));
    expect(free.charge.lines.map((line) => line.rate)).toEqual(list.charge.lines.map((line) => line.rate));
  });

  test('a call of an unknown model is charged 0 and its list cost stays unknown', () => {
    const free = rateEvent(testEvent({ model: 'no-such-model' }), books, 'development');
    expect(free.charge.totalPicos).toBe(0n);
    expect(free.listPicos).toBeNull();
  });
});
