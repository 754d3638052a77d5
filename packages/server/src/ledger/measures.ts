/**
 * The table of measures: all that is summed of events. A new summed column is one row here and one migration (CONTRIBUTING.md,
 * "Add a measure"); the event's row, its facts, rollups, questions, re-rating and exports are derived from these rows.
 */
import type { SettledCharge, TokenTotals } from '@farthing/pricing';
import { type Latency, latencyUsSql } from './latency.ts';
import type { UsageEvent } from './usage-event.ts';

/** A rated event that is not stored yet, as the source of measures. */
export interface PricedEvent {
  readonly event: UsageEvent;
  /** The charged amounts. */
  readonly charge: SettledCharge;
  /** The call's cost at list price; null = unpriced. */
  readonly listPicos: bigint | null;
  /** Inclusive totals over all segments. */
  readonly tokens: TokenTotals;
}

/** The part of a priced event that another price changes. */
export type PricedPart = Pick<PricedEvent, 'charge' | 'listPicos'>;

/** Source of the counts that have no own column. */
export interface CountedState {
  readonly status: string;
  /** Null: not measured. */
  readonly latency: Latency | null;
  /** By {@link MONEY}. */
  readonly amounts: Amounts;
}

/** An event's amount for each row of {@link MONEY}, in picos; null if unknown. */
export type Amounts = readonly (bigint | null)[];

/** A sum less others, by column. */
export type UsualSum = { readonly sum: string; readonly less: readonly string[] };

interface MeasureRow {
  /** The column of both rollups; of `usage_events` too, unless the row says how to count without. */
  readonly column: string;
  /** Its name in a `CostQuery` and in exports (money with `_usd`); null: only used by other measures. */
  readonly measure: string | null;
  /** Its field in the sums that `costs/` answers. */
  readonly sum: string;
  /** Mostly 0: null is kept for it, which takes a bit instead of 8 bytes. Absent: 0 is kept. */
  readonly sparse?: true;
  /** What the sum mostly is, in columns that have no such sum themselves: rollups keep null for that. */
  readonly usually?: UsualSum;
  readonly about: string;
}

/** USD, in picos. */
interface MoneyRow extends MeasureRow {
  readonly type: 'money';
  /** The amount; or the meters whose charge lines make it up: a part of the input or the output cost. */
  readonly of: ((priced: PricedPart) => bigint | null) | { readonly lines: (meter: string) => boolean };
}

/** Whole numbers. `large`: sums may pass the safe integers, so that an answer gives a bigint. */
interface CountRow extends MeasureRow {
  readonly type: 'count' | 'large';
  /** From a column of the event; or counted from what the event says otherwise. */
  readonly of:
    | { readonly event: (priced: PricedEvent) => number }
    | {
        readonly state: (state: CountedState) => number;
        /** The same of a row of `usage_events`: how often a condition holds, or a value (0 where there is none). */
        readonly sql: { readonly where: string } | { readonly value: string };
      };
}

/** Money, of priced events only: if an event has no `total_cost`, none of its amounts is summed. */
export const MONEY = [
  {
    column: 'total_cost',
    measure: 'cost',
    sum: 'costPicos',
    type: 'money',
    of: ({ charge }) => charge.totalPicos,
    about: 'what is charged; null: unpriced',
  },
  {
    column: 'input_cost',
    measure: 'input_cost',
    sum: 'inputCostPicos',
    type: 'money',
    usually: { sum: 'total_cost', less: ['output_cost', 'other_cost'] },
    of: ({ charge }) => charge.inputPicos,
    about: 'input, output and other are disjoint and make up the cost',
  },
  {
    column: 'output_cost',
    measure: 'output_cost',
    sum: 'outputCostPicos',
    type: 'money',
    of: ({ charge }) => charge.outputPicos,
    about: 'what the output costs',
  },
  {
    column: 'other_cost',
    measure: 'other_cost',
    sum: 'otherCostPicos',
    type: 'money',
    sparse: true,
    of: ({ charge }) => charge.otherPicos,
    about: 'what is neither input nor output: tool fees, a difference to what the provider states',
  },
  {
    column: 'cache_read_cost',
    measure: 'cache_read_cost',
    sum: 'cacheReadCostPicos',
    type: 'money',
    sparse: true,
    of: { lines: (meter) => meter.endsWith('_cache_read') },
    about: 'part of the input cost',
  },
  {
    column: 'cache_write_cost',
    measure: 'cache_write_cost',
    sum: 'cacheWriteCostPicos',
    type: 'money',
    sparse: true,
    of: { lines: (meter) => meter.startsWith('input_cache_write') },
    about: 'part of the input cost',
  },
  {
    column: 'reasoning_cost',
    measure: 'reasoning_cost',
    sum: 'reasoningCostPicos',
    type: 'money',
    sparse: true,
    of: { lines: (meter) => meter === 'output_reasoning' },
    about: 'part of the output cost',
  },
  {
    column: 'list_cost',
    measure: 'list_cost',
    sum: 'listCostPicos',
    type: 'money',
    usually: { sum: 'total_cost', less: [] },
    of: ({ listPicos }) => listPicos,
    about:
      'at the list price, before overrides of a tenant and tiers that charge nothing; null: no list price',
  },
] as const satisfies readonly MoneyRow[];

export const COUNTS = [
  {
    column: 'requests',
    measure: 'requests',
    sum: 'requests',
    type: 'count',
    of: { state: () => 1, sql: { where: 'true' } },
    about: 'events',
  },
  {
    column: 'errors',
    measure: 'errors',
    sum: 'errors',
    type: 'count',
    sparse: true,
    of: { state: ({ status }) => (status === 'ok' ? 0 : 1), sql: { where: "status <> 'ok'" } },
    about: 'failed or cut short',
  },
  {
    column: 'unpriced_requests',
    measure: 'unpriced_requests',
    sum: 'unpricedRequests',
    type: 'count',
    sparse: true,
    of: {
      state: ({ amounts }) => (costIn(amounts) === null ? 1 : 0),
      sql: { where: 'total_cost is null' },
    },
    about: 'without a price',
  },
  {
    column: 'input_tokens',
    measure: 'input_tokens',
    sum: 'inputTokens',
    type: 'count',
    of: { event: ({ tokens }) => tokens.input },
    about: 'all input, cached included',
  },
  {
    column: 'output_tokens',
    measure: 'output_tokens',
    sum: 'outputTokens',
    type: 'count',
    of: { event: ({ tokens }) => tokens.output },
    about: 'all output, reasoning included',
  },
  {
    column: 'cache_read_tokens',
    measure: 'cache_read_tokens',
    sum: 'cacheReadTokens',
    type: 'count',
    sparse: true,
    of: { event: ({ tokens }) => tokens.cacheRead },
    about: 'part of the input',
  },
  {
    column: 'cache_write_tokens',
    measure: 'cache_write_tokens',
    sum: 'cacheWriteTokens',
    type: 'count',
    sparse: true,
    of: { event: ({ tokens }) => tokens.cacheWrite },
    about: 'part of the input',
  },
  {
    column: 'reasoning_tokens',
    measure: 'reasoning_tokens',
    sum: 'reasoningTokens',
    type: 'count',
    sparse: true,
    of: { event: ({ tokens }) => tokens.reasoning },
    about: 'part of the output',
  },
  {
    column: 'timed_requests',
    measure: null,
    sum: 'timedRequests',
    type: 'count',
    usually: { sum: 'requests', less: [] },
    of: { state: ({ latency }) => (latency === null ? 0 : 1), sql: { where: 'latency_ms is not null' } },
    about: 'requests whose latency is known',
  },
  {
    column: 'latency_us',
    measure: null,
    sum: 'latencyUs',
    type: 'large',
    of: {
      state: ({ latency }) => latency?.us ?? 0,
      sql: { value: `coalesce(${latencyUsSql('latency_ms')}, 0)` },
    },
    about: 'their latency, microseconds',
  },
] as const satisfies readonly CountRow[];

/** Both tables, typed. Other rooms derive names and types from them. */
export type Money = (typeof MONEY)[number];
export type CountMeasure = (typeof COUNTS)[number];
export type Measured = Money | CountMeasure;
const stored = (row: CountMeasure): row is StoredCount => 'event' in row.of;
const read = ({ of }: StoredCount): ((priced: PricedEvent) => number) => of.event;

/** The counts that have a column in `usage_events`. */
export type StoredCount = Extract<CountMeasure, { readonly of: { readonly event: unknown } }>;
export const STORED_COUNTS: readonly StoredCount[] = COUNTS.filter(stored);

/** The measures that have a column in `usage_events`. Every amount has one. */
export const STORED_MEASURES: readonly (StoredCount | Money)[] = [...STORED_COUNTS, ...MONEY];

/** The columns of both rollups that sum a measure, in the order in which they travel; the histogram is separate. */
export const MEASURE_COLUMNS: readonly Measured['column'][] = [...COUNTS, ...MONEY].map(
  ({ column }) => column,
);

const PLACES = new Map<Money['column'], number>(MONEY.map(({ column }, at) => [column, at]));
const COST_AT = PLACES.get('total_cost') ?? 0;

/** One amount of an event, in picos; null where it is not known. */
export function amountIn(amounts: Amounts, column: Money['column']): bigint | null {
  return amounts[PLACES.get(column) ?? -1] ?? null;
}

/** An event's charge, in picos; null = unpriced. */
export function costIn(amounts: Amounts): bigint | null {
  return amounts[COST_AT] ?? null;
}

const COUNT_READERS = STORED_COUNTS.map(read);

/** An event's counts in its own columns, by {@link STORED_COUNTS}. */
export function countsOf(priced: PricedEvent): readonly number[] {
  return COUNT_READERS.map((of) => of(priced));
}

/** Every amount that is not a sum of lines. Those that are start at 0. */
const AMOUNT_READERS = MONEY.map(({ of }) => (typeof of === 'function' ? of : () => 0n));
const LINE_TESTS = MONEY.flatMap(({ of }, at) => (typeof of === 'function' ? [] : [{ at, lines: of.lines }]));
/** By meter the amounts that its lines are part of; there are some dozens of meters. */
const partsOfMeters = new Map<string, readonly number[]>();

/** An event's charged amounts, by {@link MONEY}. */
export function amountsOf(priced: PricedPart): Amounts {
  const amounts = AMOUNT_READERS.map((of) => of(priced));
  for (const { meter, amountPicos } of priced.charge.lines) {
    if (amountPicos === null) continue;
    let parts = partsOfMeters.get(meter);
    if (parts === undefined) {
      parts = LINE_TESTS.filter(({ lines }) => lines(meter)).map(({ at }) => at);
      partsOfMeters.set(meter, parts);
    }
    for (const at of parts) amounts[at] = (amounts[at] ?? 0n) + amountPicos;
  }
  return amounts;
}
