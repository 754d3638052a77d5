/**
 * The one place where events enter, change and leave sums: recording, superseding, re-rating and erasing all come through
 * here, at the end of their transaction. A further kind of sum must be updated here, and repaired by
 * `rollups/rebuild.ts`.
 */
import { type CostCorrection, correctResets } from '../budgets/reset-store.ts';
import type { Tx } from '../db/database.ts';
import { valueIn } from '../ledger/dimensions.ts';
import { costIn } from '../ledger/measures.ts';
import type { LedgerFacts } from '../ledger/rated-event.ts';
import { createRowTypes } from '../ledger/writing/read-row-types.ts';
import type { RowTypes } from '../ledger/writing/row-types.ts';
import { aggregate, type Contribution } from '../rollups/aggregate.ts';
import { addToRollups } from '../rollups/store.ts';
import { createTenantZones, type TenantZones } from './commit/tenant-zone-store.ts';

/** One event before and after a change; null where it was not there yet. */
export interface SumChange {
  readonly id: string;
  readonly before: LedgerFacts | null;
  readonly after: LedgerFacts;
}

/**
 * Why events changed. `recorded`: they came in, or a better reading came in place of a stored one. `rated-again`: their
 * prices were corrected. `erased`: a person was taken out of them, and nothing else changed.
 */
export type SumCause = 'recorded' | 'rated-again' | 'erased';

/** The statements that lock rows of sums: quarter hours, days, resets. */
export const SUM_STATEMENTS = 3;

/**
 * Changes all sums of some events, in the order of locks that README.md names. The events themselves are written before,
 * in the same transaction. `beforeLocks` runs when all is prepared and only {@link SUM_STATEMENTS} are left to be sent:
 * a caller that must not hold locks for long sets its time limits there. Refuses (RangeError) counts that leave the
 * safe integers.
 *
 * @example await applySums(tx, [{ id, before: stored.facts, after: factsOf(rated) }], 'recorded');
 */
export type ApplySums = (
  tx: Tx,
  changes: readonly SumChange[],
  cause: SumCause,
  beforeLocks?: () => Promise<void>,
) => Promise<void>;

export interface SumParts {
  readonly rowTypes: (tx: Tx) => Promise<RowTypes>;
  readonly zones: TenantZones;
}

/** Parts are passed in if the caller uses them too: each has a cache. */
export function createApplySums({
  rowTypes = createRowTypes(),
  zones = createTenantZones(),
}: Partial<SumParts> = {}): ApplySums {
  return async (tx, changes, cause, beforeLocks) => {
    if (changes.length === 0) return;
    const contributions = contributionsOf(changes);
    const zoneOf = await zones.of(
      tx,
      changes.map(({ after }) => after.tenant),
    );
    const deltas = aggregate(contributions, (tenant) => zoneOf.get(tenant) ?? 'UTC');
    const types = await rowTypes(tx);
    await beforeLocks?.();
    await addToRollups(tx, types, deltas);
    // Budgets come here: after the rollups, from the same contributions.
    if (cause === 'rated-again') await correctResets(tx, changes.map(correctionOf));
  };
}

/** The facts to subtract and those to add. */
function contributionsOf(changes: readonly SumChange[]): Contribution[] {
  const contributions: Contribution[] = [];
  for (const { before, after } of changes) {
    if (before !== null) contributions.push({ facts: before, sign: -1 });
    contributions.push({ facts: after, sign: 1 });
  }
  return contributions;
}

function correctionOf({ id, before, after }: SumChange): CostCorrection {
  const { tenant, time, values, amounts } = after;
  const was = before === null ? 0n : (costIn(before.amounts) ?? 0n);
  return {
    tenant,
    id,
    time,
    agent: valueIn(values, 'agent'),
    differencePicos: (costIn(amounts) ?? 0n) - was,
  };
}
