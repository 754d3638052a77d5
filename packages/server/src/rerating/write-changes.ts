/** Writes what re-rating changed: the event's row and an adjustment that says how it came to be. */
import { printUsd } from '@farthing/pricing';
import type { Tx } from '../db/database.ts';
import { chargePattern } from '../ledger/explanation/charge-pattern.ts';
import type { KnownPatterns } from '../ledger/explanation/pattern.ts';
import { registerPatterns } from '../ledger/explanation/register.ts';
import { insertCards } from '../ledger/registrations.ts';
import type { PriceBooks } from '../price-book/installed-book.ts';
import { type Change, sumByDay } from './changes.ts';

export async function writeChanges(
  tx: Tx,
  run: { readonly id: string; readonly reason: string; readonly created_by: string },
  changes: readonly Change[],
  { books, patterns }: { readonly books: PriceBooks; readonly patterns: KnownPatterns },
  checkTime: () => void,
): Promise<void> {
  const charges = changes.map(({ charge, facts }) => chargePattern(charge, facts.tokens, patterns));
  await registerPatterns(
    tx,
    charges.flatMap((one) => (one === null ? [] : [one.pattern])),
  );
  const columns = [
    changes.map(({ facts }) => facts.tenant),
    changes.map(({ facts }) => new Date(facts.time)),
    changes.map(({ old }) => old.id),
    changes.map(({ facts }) => printUsd(facts.inputPicos)),
    changes.map(({ facts }) => printUsd(facts.outputPicos)),
    changes.map(({ facts }) => printUsd(facts.otherPicos)),
    changes.map(({ facts }) => usd(facts.totalPicos)),
    changes.map(({ facts }) => usd(facts.listPicos)),
    changes.map((change, index) => (charges[index] === null ? change.chargeJson : null)),
    changes.map(({ charge }, index) => (charges[index] === null ? charge.bookVersion : null)),
    changes.map(({ facts }) => printUsd(facts.cacheReadPicos)),
    changes.map(({ facts }) => printUsd(facts.cacheWritePicos)),
    changes.map(({ facts }) => printUsd(facts.reasoningPicos)),
    charges.map((one) => one?.pattern.hash ?? null),
    charges.map((one) => one?.numbers ?? null),
  ];
  const { rowCount } = await tx.query(
    {
      name: 'rerate_events',
      text: `update usage_events e set input_cost = c.input, output_cost = c.output, other_cost = c.other,
                    total_cost = c.total, list_cost = c.list, charge = c.charge, price_version = c.version,
                    cache_read_cost = c.cache_read, cache_write_cost = c.cache_write, reasoning_cost = c.reasoning,
                    charge_pattern = p.id, charge_numbers = c.numbers
               from unnest($1::text[], $2::timestamptz[], $3::text[], $4::numeric[], $5::numeric[], $6::numeric[],
                           $7::numeric[], $8::numeric[], $9::jsonb[], $10::text[], $11::numeric[], $12::numeric[],
                           $13::numeric[], $14::uuid[], $15::text[])
                    as c(tenant, time, id, input, output, other, total, list, charge, version, cache_read,
                         cache_write, reasoning, pattern, numbers)
               left join explanation_patterns p on p.hash = c.pattern
              where e.tenant_id = c.tenant and e.event_time = c.time and e.id = c.id`,
    },
    columns,
  );
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
      ...columns.slice(0, 3),
      changes.map(({ old }) => usd(old.facts.totalPicos)),
      changes.map(({ facts }) => usd(facts.totalPicos)),
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
