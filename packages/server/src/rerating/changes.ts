/** The changes that re-rating makes to stored events. Pure. */
import type { SettledCharge } from '@farthing/pricing';
import { chargeJson } from '../ledger/charge-json.ts';
import { amountIn, amountsOf, costIn } from '../ledger/measures.ts';
import type { LedgerFacts } from '../ledger/rated-event.ts';
import type { PriceBooks } from '../price-book/installed-book.ts';
import { type ChargingTerms, chargeFor } from '../record/rate-event.ts';
import type { Charged } from './read-batch.ts';

/** An event whose charge (line by line) or list cost has changed. */
export interface Change {
  readonly old: Charged;
  readonly facts: LedgerFacts;
  readonly charge: SettledCharge;
  readonly chargeJson: string;
}

/** Rates events with the books in force and returns those that change. */
export function changesOf(
  events: readonly Charged[],
  books: PriceBooks,
  terms: ChargingTerms,
): readonly Change[] {
  const changes: Change[] = [];
  for (const old of events) {
    const { charge, listPicos } = chargeFor(old.subject, books, terms);
    const json = chargeJson(charge.lines);
    const same =
      charge.totalPicos === costIn(old.facts.amounts) &&
      listPicos === amountIn(old.facts.amounts, 'list_cost') &&
      json === JSON.stringify(JSON.parse(old.charge));
    if (same) continue;
    const facts = { ...old.facts, amounts: amountsOf({ charge, listPicos }) };
    changes.push({ old, facts, charge, chargeJson: json });
  }
  return changes;
}

/** Sums of changes by UTC day and model. */
export interface DaySum {
  readonly tenant: string;
  readonly day: string;
  readonly provider: string;
  readonly model: string;
  events: number;
  oldPicos: bigint;
  newPicos: bigint;
  oldUnpriced: number;
  newUnpriced: number;
}

export function sumByDay(changes: readonly Change[]): readonly DaySum[] {
  const sums = new Map<string, DaySum>();
  for (const { old, facts } of changes) {
    const { tenant, provider, model } = facts;
    const day = new Date(facts.time).toISOString().slice(0, 10);
    const key = `${tenant}\0${day}\0${provider}\0${model}`;
    const none = { events: 0, oldPicos: 0n, newPicos: 0n, oldUnpriced: 0, newUnpriced: 0 };
    const sum = sums.get(key) ?? { tenant, day, provider, model, ...none };
    sums.set(key, sum);
    sum.events += 1;
    sum.oldPicos += costIn(old.facts.amounts) ?? 0n;
    sum.newPicos += costIn(facts.amounts) ?? 0n;
    if (costIn(old.facts.amounts) === null) sum.oldUnpriced += 1;
    if (costIn(facts.amounts) === null) sum.newUnpriced += 1;
  }
  return [...sums.values()];
}
