/** Answers a `CostQuery`: plans it, has the store sum it, puts the rows together. */
import { type CostPlan, planCostQuery } from './cost-plan.ts';
import type { CostAnswer, CostCell, CostGroup, CostQuery } from './cost-query.ts';
import type { SummedPlan, SumStore } from './cost-store.ts';
import type { FieldOf, Measure, StandardMeasure, SumsOf } from './measures.ts';
import type { CostScope } from './scope.ts';
import { type AllSums, addSums, noSums, type SumField } from './sums.ts';

/** The part of a scope that sums need. */
export type SumScope = Pick<CostScope, 'tenants'> & { readonly costs: SumStore };

/**
 * Sums the events a scope may see. Refuses what the store refuses: single events over more than `MAX_EVENT_SCAN_DAYS`
 * days, or from before they are kept.
 *
 * @example
 * const answer = await runCostQuery(scope, { from, to, timezone: 'Europe/Berlin', bucket: 'day', groupBy: ['model'],
 *   filters: {}, measures: ['cost', 'latency_p95'], rankBy: 'cost', compare: 'previous_period', limit: 8 });
 * printUsd(answer.total.sums.costPicos);
 */
export async function runCostQuery<const M extends Measure = StandardMeasure>(
  { costs, tenants }: SumScope,
  query: CostQuery<M>,
): Promise<CostAnswer<SumsOf<M>>> {
  const plan = planCostQuery(query);
  return assemble(query, plan, await costs.sum(tenants, plan));
}

/** Refuses what {@link runCostQuery} would refuse, without reading anything. */
export function checkCostQuery({ costs, tenants }: SumScope, query: CostQuery<Measure>): void {
  costs.check(tenants, planCostQuery(query));
}

/** Sums of one place while its rows come in. */
class CellBuilder<F extends SumField> {
  readonly #nothing: Pick<AllSums, F>;
  #sums: Pick<AllSums, F>;
  #previous: Pick<AllSums, F>;
  readonly #series: Pick<AllSums, F>[];
  readonly #previousSeries: Pick<AllSums, F>[];
  readonly #compared: boolean;

  constructor({ buckets, periods, fields }: CostPlan<F>) {
    const nothing = noSums(fields);
    this.#nothing = nothing;
    this.#compared = periods.length > 1;
    this.#sums = nothing;
    this.#previous = nothing;
    this.#series = buckets.map(() => nothing);
    this.#previousSeries = this.#compared ? buckets.map(() => nothing) : [];
  }

  add(slot: number, sums: Pick<AllSums, F>): void {
    const series = slot >= 0 ? this.#series : this.#previousSeries;
    const index = slot >= 0 ? slot : -1 - slot;
    const there = series[index];
    if (there !== undefined) series[index] = this.#plus(there, sums);
    if (slot >= 0) this.#sums = this.#plus(this.#sums, sums);
    else this.#previous = this.#plus(this.#previous, sums);
  }

  /** Most cells have one row. */
  #plus(there: Pick<AllSums, F>, sums: Pick<AllSums, F>): Pick<AllSums, F> {
    return there === this.#nothing ? sums : addSums(there, sums);
  }

  build(): CostCell<Pick<AllSums, F>> {
    return {
      sums: this.#sums,
      series: this.#series,
      previous: this.#compared ? this.#previous : null,
      previousSeries: this.#previousSeries,
    };
  }
}

/** The total is the sum of the rows that came: it cannot differ from its groups. */
function assemble<M extends Measure>(
  query: CostQuery<M>,
  plan: CostPlan<FieldOf<M>>,
  { rows, groupCount, sources }: SummedPlan<FieldOf<M>>,
): CostAnswer<SumsOf<M>> {
  const total = new CellBuilder(plan);
  const places = new Map<
    number,
    { readonly values: readonly string[]; readonly cell: CellBuilder<FieldOf<M>> }
  >();
  for (const row of rows) {
    const { values, sums } = row;
    total.add(row.slot, sums);
    if (query.groupBy.length === 0) continue;
    const entry = places.get(row.place) ?? { values, cell: new CellBuilder(plan) };
    places.set(row.place, entry);
    entry.cell.add(row.slot, sums);
  }
  const other = places.get(query.limit + 1);
  places.delete(query.limit + 1);
  const groups: CostGroup<SumsOf<M>>[] = [...places.values()].map(({ values, cell }) => ({
    values,
    ...cell.build(),
  }));
  const [, previous] = plan.periods;
  return {
    from: query.from,
    to: query.to,
    timezone: query.timezone,
    buckets: plan.buckets,
    total: total.build(),
    groups,
    other: other?.cell.build() ?? null,
    groupCount,
    previous: previous === undefined ? null : { from: previous.from, to: previous.to },
    sources,
  };
}
