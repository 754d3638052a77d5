/** Answers a `CostQuery`: plans which tables serve it, runs the one statement, puts the rows together. */

import { answeredFields, type CostPlan, planCostQuery } from './cost-plan.ts';
import type { CostAnswer, CostCell, CostGroup, CostQuery } from './cost-query.ts';
import type { FieldOf, Measure, StandardMeasure, SumsOf } from './measures.ts';
import { compileCostPlan } from './postgres/compile-cost-query.ts';
import { queryPlanned, queryPrepared } from './postgres/prepared.ts';
import type { InsightScope } from './scope.ts';
import { type AllSums, addSums, noSums, readSums, type SumField, type SumRow } from './sums.ts';

/**
 * Sums the events a scope may see. Rollups answer where they can, events the ragged ends of the interval and
 * whatever no rollup knows, then over at most `MAX_EVENT_SCAN_DAYS` days.
 *
 * @example
 * const answer = await runCostQuery(scope, { from, to, timezone: 'Europe/Berlin', bucket: 'day', groupBy: ['model'],
 *   filters: {}, measures: ['cost', 'latency_p95'], rankBy: 'cost', compare: 'previous_period', limit: 8 });
 * printUsd(answer.total.sums.costPicos);
 */
export async function runCostQuery<const M extends Measure = StandardMeasure>(
  scope: InsightScope,
  query: CostQuery<M>,
  options: { readonly eventsOnly?: boolean } = {},
): Promise<CostAnswer<SumsOf<M>>> {
  const plan = planCostQuery(scope, query, options);
  const fields = answeredFields(query);
  if (plan.periods.every((period) => period.pieces.length === 0)) return assemble(query, plan, fields, []);
  const { text, values } = compileCostPlan(plan);
  // Over single events the best plan depends on how many there are.
  const ask = plan.byRollups ? queryPrepared : queryPlanned;
  const { rows } = await ask<AnswerRow>(scope.tx, text, values);
  return assemble(query, plan, fields, rows);
}

interface AnswerRow extends SumRow {
  readonly slot: number;
  readonly place: number;
  readonly group_count: number;
  readonly [key: `key_${number}`]: string | null;
}

/** Sums of one place while its rows come in. */
class CellBuilder<F extends SumField> {
  readonly #nothing: Pick<AllSums, F>;
  #sums: Pick<AllSums, F>;
  #previous: Pick<AllSums, F>;
  readonly #series: Pick<AllSums, F>[];
  readonly #previousSeries: Pick<AllSums, F>[];
  readonly #compared: boolean;

  constructor({ buckets, periods }: CostPlan, fields: readonly F[]) {
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
  plan: CostPlan,
  fields: readonly FieldOf<M>[],
  rows: readonly AnswerRow[],
): CostAnswer<SumsOf<M>> {
  const total = new CellBuilder(plan, fields);
  const places = new Map<
    number,
    { readonly values: readonly string[]; readonly cell: CellBuilder<FieldOf<M>> }
  >();
  for (const row of rows) {
    const sums = readSums(row, fields);
    total.add(row.slot, sums);
    if (query.groupBy.length === 0) continue;
    const values = query.groupBy.map((_, index) => row[`key_${index}`] ?? '');
    const entry = places.get(row.place) ?? { values, cell: new CellBuilder(plan, fields) };
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
    groupCount: rows[0]?.group_count ?? 0,
    previous: previous === undefined ? null : { from: previous.from, to: previous.to },
    sources: [...new Set(plan.periods.flatMap((period) => period.pieces.map((piece) => piece.source)))],
  };
}
