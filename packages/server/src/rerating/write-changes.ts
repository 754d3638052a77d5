/** Writes what re-rating changed: the event's row and an adjustment that says how it came to be. */
import { printUsd } from '@farthing/pricing';
import type { Tx } from '../db/database.ts';
import { chargePattern } from '../ledger/explanation/charge-pattern.ts';
import type { KnownPatterns } from '../ledger/explanation/pattern.ts';
import { registerPatterns } from '../ledger/explanation/write-patterns.ts';
import { SPARSE_COLUMNS } from '../ledger/kept-as-null.ts';
import { costIn, MONEY } from '../ledger/measures.ts';
import { insertCards } from '../ledger/writing/registration-store.ts';
import { tokensIn } from '../ledger/writing/stored-tokens.ts';
import type { PriceBooks } from '../price-book/installed-book.ts';
import { type Change, sumByDay } from './changes.ts';

const AMOUNTS = MONEY.map(({ column }) => column);

/** Sets every amount of the table of measures, and the charge that it is made of. */
const UPDATE = `
  update usage_events e set charge = c.charge, price_version = c.version, charge_pattern = p.id, charge_numbers = c.numbers,
         ${AMOUNTS.map((column) => `${column} = ${SPARSE_COLUMNS.has(column) ? `nullif(c.${column}, 0)` : `c.${column}`}`).join(', ')}
    from unnest($1::text[], $2::timestamptz[], $3::text[], $4::jsonb[], $5::text[], $6::uuid[], $7::text[],
                ${AMOUNTS.map((_, at) => `$${at + 8}::numeric[]`).join(', ')})
           as c(tenant, time, id, charge, version, pattern, numbers, ${AMOUNTS.join(', ')})
         left join explanation_patterns p on p.hash = c.pattern
   where e.tenant_id = c.tenant and e.event_time = c.time and e.id = c.id`;

export async function writeChanges(
  tx: Tx,
  run: { readonly id: string; readonly reason: string; readonly created_by: string },
  changes: readonly Change[],
  { books, patterns }: { readonly books: PriceBooks; readonly patterns: KnownPatterns },
  checkTime: () => void,
): Promise<void> {
  const charges = changes.map(({ charge, facts }) => chargePattern(charge, tokensIn(facts.counts), patterns));
  await registerPatterns(
    tx,
    charges.flatMap((one) => (one === null ? [] : [one.pattern])),
  );
  const keys = [
    changes.map(({ facts }) => facts.tenant),
    changes.map(({ facts }) => new Date(facts.time)),
    changes.map(({ old }) => old.id),
  ];
  const { rowCount } = await tx.query({ name: 'rerate_events', text: UPDATE }, [
    ...keys,
    changes.map((change, index) => (charges[index] === null ? change.chargeJson : null)),
    changes.map(({ charge }, index) => (charges[index] === null ? charge.bookVersion : null)),
    charges.map((one) => one?.pattern.hash ?? null),
    charges.map((one) => one?.numbers ?? null),
    ...MONEY.map((_, at) => changes.map(({ facts }) => usd(facts.amounts[at] ?? null))),
  ]);
  if (rowCount !== changes.length) throw new Error(`Re-rated ${changes.length} events, found ${rowCount}.`);
  checkTime();
  await tx.query(
    {
      name: 'rerate_adjustments',
      text: `insert into cost_adjustments
               (tenant_id, event_id, event_time, reason, actor, run_id, old_cost, new_cost, old_charge, new_charge)
             select c.tenant, c.id, c.time, $8, $9, $10, c.old, c.new, c.old_charge, c.new_charge
               from unnest($1::text[], $2::timestamptz[], $3::text[], $4::numeric[], $5::numeric[], $6::jsonb[],
                           $7::jsonb[]) as c(tenant, time, id, old, new, old_charge, new_charge)`,
    },
    [
      ...keys,
      changes.map(({ old }) => usd(costIn(old.facts.amounts))),
      changes.map(({ facts }) => usd(costIn(facts.amounts))),
      changes.map(({ old }) => old.charge),
      changes.map((change) => change.chargeJson),
      `rerating: ${run.reason}`,
      run.created_by,
      run.id,
    ],
  );
  checkTime();
  await insertCards(tx, cardsOf(changes, books));
}

/** Adds changes to the run's sums by day and model. */
export async function writeDifferences(tx: Tx, run: string, changes: readonly Change[]): Promise<void> {
  const sums = sumByDay(changes);
  if (sums.length === 0) return;
  await tx.query(
    {
      name: 'rerating_changes',
      text: `insert into rerating_changes as t
               (run_id, tenant_id, day, provider, model, events, old_cost, new_cost, old_unpriced, new_unpriced)
             select $1, * from unnest($2::text[], $3::date[], $4::text[], $5::text[], $6::bigint[], $7::numeric[],
                                      $8::numeric[], $9::bigint[], $10::bigint[])
             on conflict (run_id, tenant_id, day, provider, model) do update set
               events = t.events + excluded.events, old_cost = t.old_cost + excluded.old_cost,
               new_cost = t.new_cost + excluded.new_cost, old_unpriced = t.old_unpriced + excluded.old_unpriced,
               new_unpriced = t.new_unpriced + excluded.new_unpriced`,
    },
    [
      run,
      sums.map((sum) => sum.tenant),
      sums.map((sum) => sum.day),
      sums.map((sum) => sum.provider),
      sums.map((sum) => sum.model),
      sums.map((sum) => sum.events),
      sums.map((sum) => printUsd(sum.oldPicos)),
      sums.map((sum) => printUsd(sum.newPicos)),
      sums.map((sum) => sum.oldUnpriced),
      sums.map((sum) => sum.newUnpriced),
    ],
  );
}

function cardsOf(changes: readonly Change[], books: PriceBooks) {
  const cards = new Map<string, NonNullable<ReturnType<ReturnType<PriceBooks['forList']>['card']>>>();
  for (const { facts, charge } of changes) {
    for (const { cardId } of charge.lines) {
      if (cardId === null || cards.has(cardId)) continue;
      const card = books.forTenant(facts.tenant).card(cardId);
      if (card !== null) cards.set(cardId, card);
    }
  }
  return [...cards.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

const usd = (picos: bigint | null): string | null => (picos === null ? null : printUsd(picos));
