import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CardChoice, datedCard, pickCard } from './card-choice.ts';
import type { PriceQuery, RateCard } from './price-book.ts';

const DAY = 86_400_000;
const day = (n: number) => new Date(n * DAY).toISOString();
const bound = fc.option(fc.integer({ min: 0, max: 4 }), { nil: null });
const hour = fc.integer({ min: 0, max: 23 }).map((n) => `${String(n).padStart(2, '0')}:00:00`);
const regions = ['us', 'regional'];
const tier = fc.constantFrom('standard' as const, 'standard' as const, 'batch' as const);
const regionClasses = new Map([['us', 'regional']]);

const card = fc
  .record({
    from: bound,
    to: bound,
    tier,
    region: fc.option(fc.constantFrom(...regions), { nil: null }),
    timeOfDay: fc.option(fc.record({ start: hour, end: hour }), { nil: undefined, freq: 1 }),
  })
  .map(
    ({ from, to, timeOfDay, ...rest }): RateCard => ({
      id: 'c',
      provider: 'acme',
      model: 'm',
      from: from === null ? null : day(from),
      to: to === null ? null : day(to),
      ...(timeOfDay === undefined ? {} : { timeOfDay }),
      speed: 'standard',
      ...rest,
      rates: {},
      provenance: { table: 'test', version: '1', date: '2026-01-01' },
    }),
  );

const query = fc.record<PriceQuery>({
  provider: fc.constant('acme'),
  model: fc.constant('m'),
  at: fc.integer({ min: -2, max: 18 }).map((quarter) => (quarter * DAY) / 4),
  tier,
  speed: fc.constantFrom(null, null, 'standard', 'fast'),
  region: fc.option(fc.constantFrom(...regions, 'toString'), { nil: null }),
});

const choice = (cards: readonly RateCard[]): CardChoice => ({ cards: cards.map(datedCard), answers: [] });

describe('pickCard', () => {
  test('what was asked before never changes an answer, whatever the dates, hours, tiers and regions', () => {
    fc.assert(
      fc.property(
        fc.array(card, { minLength: 2, maxLength: 8 }),
        fc.array(query, { minLength: 20, maxLength: 40 }),
        (cards, queries) => {
          const remembering = choice(cards);
          for (const one of queries) {
            const fresh = pickCard(choice(cards), one, regionClasses);
            const remembered = pickCard(remembering, one, regionClasses);
            expect(remembered.card).toBe(fresh.card);
            expect(remembered.reason).toBe(fresh.reason);
          }
          expect(remembering.answers.length).toBeLessThanOrEqual(8);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('the card returned is in force, and of the region asked for where there is one', () => {
    fc.assert(
      fc.property(fc.array(card, { maxLength: 8 }), query, (cards, one) => {
        const found = pickCard(choice(cards), one, regionClasses).card;
        if (found === null) return;
        expect(found.tier).toBe(one.tier);
        expect(found.from === null || Date.parse(found.from) <= one.at).toBe(true);
        expect(found.to === null || one.at < Date.parse(found.to)).toBe(true);
        if (one.region === null) expect(found.region).toBeNull();
      }),
    );
  });

  test('a region named like a method of objects is just a region', () => {
    const [only] = fc.sample(card, 1);
    if (only === undefined) throw new Error('no card');
    const anywhere = { ...only, from: null, to: null, region: null, tier: 'standard' as const };
    const { timeOfDay: _timeOfDay, ...always } = anywhere;
    const asked = {
      provider: 'acme',
      model: 'm',
      at: 0,
      tier: 'standard',
      speed: null,
      region: 'toString',
    } as const;
    expect(pickCard(choice([always]), asked, regionClasses).card?.id).toBe(always.id);
  });
});
