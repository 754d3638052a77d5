/** Chooses the tables that answer the periods of a plan, and refuses what none can answer. */
import type { Interval } from '../../clock/interval.ts';
import { DAY_MS } from '../../clock/lengths.ts';
import { SUMMED_DIMENSIONS } from '../../ledger/dimensions.ts';
import { refuseParameter } from '../../parameters/refuse.ts';
import { type CostPlan, dimensionsOf, type PlannedPeriod } from '../cost-plan.ts';
import { type CostQuery, MAX_EVENT_SCAN_DAYS } from '../cost-query.ts';
import type { Measure } from '../measures.ts';
import type { ScopedTenant } from '../scoped-tenant.ts';
import { eventsFrom } from '../watermark.ts';
import { type CoverPiece, cover } from './cover.ts';
import { type FurtherDimension, type RollupReach, rollupReach } from './reach.ts';

/** A period, cut into pieces that each one table answers. */
export interface CoveredPeriod extends PlannedPeriod {
  readonly pieces: readonly CoverPiece[];
}

export interface CoveredPlan extends Omit<CostPlan, 'periods'> {
  readonly periods: readonly CoveredPeriod[];
  /** Whether rollups answer, but for ragged ends. */
  readonly byRollups: boolean;
  /** The dimension that rollups are read by besides the core ones; null: none, or only events are read. */
  readonly further: FurtherDimension | null;
}

/**
 * Covers a plan for some tenants. Refuses a question to single events over more than {@link MAX_EVENT_SCAN_DAYS} days or
 * from before a tenant's watermark; a compared period that begins or ends there is read by whole quarter hours.
 * `eventsOnly` reads events even if rollups could answer.
 */
export function coverPlan(
  plan: CostPlan,
  tenants: readonly ScopedTenant[],
  { eventsOnly = false } = {},
): CoveredPlan {
  const reach: RollupReach = eventsOnly ? { known: false } : rollupReach(dimensionsOf(plan.query));
  return {
    ...plan,
    byRollups: reach.known,
    further: reach.known ? reach.further : null,
    periods: plan.periods.map((period) => ({
      ...period,
      pieces: coverPieces(tenants, plan.query, reach, period),
    })),
  };
}

type Asked = Pick<CostQuery<Measure>, 'groupBy' | 'filters'>;

/** The pieces of one period. In a compared period, deleted single events are left out. Refuses as {@link coverPlan}. */
export function coverPieces(
  tenants: readonly ScopedTenant[],
  query: Asked,
  reach: RollupReach,
  { which, from, to, innerEdges }: PlannedPeriod,
): readonly CoverPiece[] {
  if (!reach.known && daysIn({ from, to }) > MAX_EVENT_SCAN_DAYS) throw refuseScan(query);
  const pieces = cover({ from, to, innerEdges }, tenants, reach.known);
  const gone = gonePieces(pieces, tenants);
  if (gone.length === 0) return pieces;
  const ragged = reach.known && pieces.length > gone.length;
  if (!(which === 'previous' && ragged)) throw refuseGone(tenants, ragged);
  return pieces.filter((piece) => !gone.includes(piece));
}

const daysIn = ({ from, to }: Interval): number => (to - from) / DAY_MS;

/** The pieces that would read deleted events. */
function gonePieces(pieces: readonly CoverPiece[], tenants: readonly ScopedTenant[]): readonly CoverPiece[] {
  const marks = new Map(tenants.map((tenant) => [tenant.id, tenant.eventsFrom]));
  return pieces.filter(
    ({ source, from, tenants: ids }) =>
      source === 'usage_events' && ids.some((id) => from < (marks.get(id) ?? from)),
  );
}

/** Why a range cannot be answered. `ragged`: only its ends, which cut a quarter hour, need single events. */
function refuseGone(tenants: readonly ScopedTenant[], ragged: boolean) {
  const since = new Date(eventsFrom(tenants) ?? 0).toISOString();
  return refuseParameter(
    'from',
    ragged
      ? `single events are kept from ${since} on: before it a range begins, ends and is cut on quarter hours`
      : `this is answered from single events, which are kept from ${since} on: begin there or later, or ask by one dimension`,
  );
}

function refuseScan(query: Asked) {
  const names = [...new Set(dimensionsOf(query))].join(', ');
  return refuseParameter(
    'from',
    `${names} together are answered from single events, over at most ${MAX_EVENT_SCAN_DAYS} days: shorten the range, or ask by only one of ${SUMMED_DIMENSIONS.join(', ')} or a tag at a time, beside provider, model, operation and tenant`,
  );
}
