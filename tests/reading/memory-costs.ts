/**
 * A second store: events in memory, added up one by one. The cost query answers the same from it as from PostgreSQL, which
 * shows that it needs nothing of PostgreSQL.
 */
import { dayOf } from '../../packages/server/src/clock/days.ts';
import { QUARTER_HOUR_MS, quarterHour } from '../../packages/server/src/clock/lengths.ts';
import type { CostPlan, PlannedPeriod } from '../../packages/server/src/costs/cost-plan.ts';
import type { CostFilters } from '../../packages/server/src/costs/cost-query.ts';
import type {
  SummedPlan,
  SummedRow,
  SumStore,
  TenantStretch,
} from '../../packages/server/src/costs/cost-store.ts';
import {
  averageLatencyMs,
  fieldsOf,
  latencyQuantileMs,
  type Measure,
  QUANTILES,
} from '../../packages/server/src/costs/measures.ts';
import type { ScopedTenant } from '../../packages/server/src/costs/scoped-tenant.ts';
import { type AllSums, fromFields, type SumField } from '../../packages/server/src/costs/sums.ts';
import { LATENCY_BINS, latencyBin } from '../../packages/server/src/ledger/latency.ts';
import type { SeedEvent } from '../postgres/seed-events.ts';
import { addUp, keyOf, matches } from './naive-ledger.ts';

/** @example await runCostQuery({ costs: createMemoryCosts(events), tenants }, query); */
export function createMemoryCosts(events: readonly SeedEvent[]): SumStore {
  const within = ({ tenant, from, to }: TenantStretch): SeedEvent[] =>
    events.filter((event) => event.tenant === tenant && event.time >= from && event.time < to);
  const asked = (tenants: readonly ScopedTenant[], filters: CostFilters): SeedEvent[] => {
    const ids = new Set(tenants.map(({ id }) => id));
    return events.filter((event) => ids.has(event.tenant) && matches(event, filters));
  };
  const firstAndLast = (list: readonly SeedEvent[]) =>
    list.length === 0
      ? null
      : {
          first: Math.min(...list.map(({ time }) => time)),
          last: Math.max(...list.map(({ time }) => time)),
        };

  return {
    check: () => {},
    outlivesEvents: () => true,
    sum: async (tenants, plan) => sumPlan(plan, asked(tenants, plan.query.filters)),
    sumPeriods: async (tenants, { periods, filters, fields }) => {
      const found = asked(tenants, filters);
      return periods.map(({ from, to }) =>
        pick(sumsOf(found.filter(({ time }) => time >= from && time < to)), fields),
      );
    },
    firstDay: async (tenants) => {
      const days = tenants.flatMap(({ id, timezone }) =>
        events.filter(({ tenant }) => tenant === id).map(({ time }) => dayOf(time, timezone)),
      );
      return days.sort()[0] ?? null;
    },
    stretchesWithCalls: async (stretches) =>
      stretches.filter((stretch) => within(wholeQuarterHours(stretch)).length > 0),
    workflowTimes: async (tenants, workflow) =>
      tenants.flatMap(({ id, timezone }) => {
        const calls = firstAndLast(
          events.filter((event) => event.tenant === id && event.workflow === workflow),
        );
        if (calls === null) return [];
        const days = { first: dayOf(calls.first, timezone), last: dayOf(calls.last, timezone) };
        return [{ tenant: id, calls, days }];
      }),
    workflowCalls: async (stretch, workflow) =>
      firstAndLast(within(stretch).filter((event) => event.workflow === workflow)),
  };
}

function sumPlan<F extends SumField>(plan: CostPlan<F>, events: readonly SeedEvent[]): SummedPlan<F> {
  const { groupBy, limit, rankBy } = plan.query;
  const groups = Map.groupBy(
    plan.periods.flatMap((period) =>
      events
        .filter(({ time }) => time >= period.from && time < period.to)
        .map((event) => ({ event, slot: slotOf(period, event.time) })),
    ),
    ({ event }) => keyOf(event, groupBy),
  );
  const ranked = [...groups]
    .map(([key, found]) => {
      const current = found.filter(({ slot }) => slot >= 0).map(({ event }) => event);
      return { values: valuesOf(key), found, weight: weigh(rankBy, sumsOf(current)) };
    })
    .sort((a, b) => compareWeights(a.weight, b.weight) || compareTexts(a.values, b.values));
  const places = Map.groupBy(
    ranked.flatMap(({ values, found }, index) => {
      const place = groupBy.length === 0 ? 1 : Math.min(index, limit) + 1;
      return found.map(({ event, slot }) => ({ event, slot, place, values }));
    }),
    ({ place, slot }) => `${place} ${slot}`,
  );
  const rows = [...places.values()].map((list): SummedRow<F> => {
    const [{ slot, place, values } = { slot: 0, place: 1, values: [] }] = list;
    return { slot, place, values, sums: pick(sumsOf(list.map(({ event }) => event)), plan.fields) };
  });
  return { rows, groupCount: groupBy.length === 0 ? 0 : groups.size, sources: ['memory'] };
}

const wholeQuarterHours = ({ tenant, from, to }: TenantStretch): TenantStretch => ({
  tenant,
  from: quarterHour(from),
  to: quarterHour(to + QUARTER_HOUR_MS - 1),
});

const valuesOf = (key: string): readonly string[] => JSON.parse(key);

function slotOf({ which, innerEdges }: PlannedPeriod, time: number): number {
  const bucket = innerEdges.filter((edge) => edge <= time).length;
  return which === 'current' ? bucket : -1 - bucket;
}

function sumsOf(events: readonly SeedEvent[]): AllSums {
  const { latencies, ...sums } = addUp(events);
  if (events.length === 0) return { ...sums, latencyBins: [] };
  const bins = new Array<number>(LATENCY_BINS).fill(0);
  for (const us of latencies) bins[latencyBin(us)] = (bins[latencyBin(us)] ?? 0) + 1;
  return { ...sums, latencyBins: bins };
}

const pick = <F extends SumField>(sums: AllSums, fields: readonly F[]): Pick<AllSums, F> =>
  fromFields(fields, (field) => sums[field]);

type Weight = bigint | number | null;

const ratio = (part: bigint | number, whole: number): number | null =>
  whole === 0 ? null : Number(part) / whole;

/** What a group is ranked by; null where that cannot be said. */
export function weigh(measure: Measure, sums: AllSums): Weight {
  switch (measure) {
    case 'cost_per_request':
      return ratio(sums.costPicos, sums.requests - sums.unpricedRequests);
    case 'cache_hit_share':
      return ratio(sums.cacheReadTokens, sums.inputTokens);
    case 'error_rate':
      return ratio(sums.errors, sums.requests);
    case 'latency_avg':
      return averageLatencyMs(sums);
    case 'latency_p50':
    case 'latency_p95':
    case 'latency_p99':
      return latencyQuantileMs(sums, QUANTILES[measure]);
  }
  const [field] = fieldsOf([measure]).filter((name) => name !== 'requests' || measure === 'requests');
  const sum = sums[field ?? 'requests'];
  return Array.isArray(sum) ? null : (sum as bigint | number);
}

/** Highest first, null last. */
function compareWeights(a: Weight, b: Weight): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (a === b) return 0;
  return a > b ? -1 : 1;
}

function compareTexts(a: readonly string[], b: readonly string[]): number {
  for (const [index, text] of a.entries()) {
    const other = b[index] ?? '';
    if (text !== other) return text < other ? -1 : 1;
  }
  return 0;
}
