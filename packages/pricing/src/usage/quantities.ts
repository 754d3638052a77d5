/**
 * Algebra over disjoint quantities: making them from inclusive counts, checking, merging and totalling them.
 */

import { parseDecimal, printDecimal } from '../money/money.ts';
import { isMeter, METER_NAMES, METERS, type Meter, type Quantities } from './meters.ts';
import type { Anomaly, UsageSegment } from './usage.ts';

/** Quantities under construction. */
export type MutableQuantities = { [M in Meter]?: number };

/** One inclusive total and the subsets it contains. */
export interface InclusiveCount {
  /**
   * The provider's total, which contains all `parts`. Null or absent = not reported: then only the parts count
   * and no remainder is made up.
   */
  readonly total: number | null | undefined;
  /** Meter that gets the remainder of the total. */
  readonly rest: Meter;
  /** Subsets of the total, disjoint among each other. Null or absent = not reported. */
  readonly parts: { readonly [M in Meter]?: number | null | undefined };
  /** Name of the total in anomaly codes and messages, e.g. `input`, `output`. */
  readonly name: string;
}

/** What {@link disjoint} makes. */
export interface Disjoint {
  readonly quantities: Quantities;
  readonly anomalies: readonly Anomaly[];
}

/**
 * Turns inclusive provider counts into disjoint quantities: the remainder of each total, after its parts,
 * goes to `rest`. It is the one place where this subtraction is made.
 *
 * A remainder is never negative: where the parts exceed their total, the parts are kept as counted, the
 * remainder is 0 and an anomaly `<name>_parts_exceed_total` says so. A count that is no finite number ≥ 0
 * (or a fraction of tokens) is left out, with an anomaly `<meter>_not_a_count`. Zero parts are kept: 0 is
 * "reported as zero", absent is "not reported".
 *
 * @example
 * disjoint([
 *   { name: 'input', total: 1000, rest: 'input_uncached', parts: { input_cache_read: 600, input_audio: null } },
 *   { name: 'output', total: 50, rest: 'output_text', parts: { output_reasoning: 20 } },
 * ]).quantities
 * // { input_uncached: 400, input_cache_read: 600, output_text: 30, output_reasoning: 20 }
 */
export function disjoint(counts: readonly InclusiveCount[]): Disjoint {
  const quantities: MutableQuantities = {};
  const anomalies: Anomaly[] = [];
  for (const count of counts) {
    let explained = 0;
    const parts: [Meter, number][] = [];
    for (const meter of METER_NAMES) {
      const value = count.parts[meter];
      if (value === undefined || value === null) continue;
      if (!isCount(meter, value)) {
        anomalies.push(notACount(meter, value));
        continue;
      }
      parts.push([meter, value]);
      explained += value;
    }
    const { total, rest } = count;
    if (total !== undefined && total !== null) {
      if (!isCount(rest, total)) {
        anomalies.push(notACount(rest, total));
      } else {
        if (explained > total) {
          anomalies.push({
            code: `${count.name}_parts_exceed_total`,
            message: `the parts of the ${count.name} count sum to ${explained}, more than its total of ${total}`,
          });
        }
        add(quantities, rest, Math.max(0, total - explained));
      }
    }
    for (const [meter, value] of parts) add(quantities, meter, value);
  }
  return { quantities, anomalies };
}

/** Sums of the token meters by class. All disjoint: `input` + `output` is every token of the event. */
export interface TokenTotals {
  /** All input tokens: uncached, cache reads and writes, every modality, tool prompt. */
  readonly input: number;
  /** All output tokens, reasoning included. */
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly reasoning: number;
}

const CACHE_READ = new Set<Meter>(METER_NAMES.filter((m) => m.endsWith('_cache_read')));
const CACHE_WRITE = new Set<Meter>(METER_NAMES.filter((m) => m.startsWith('input_cache_write')));

/**
 * The inclusive totals that providers and people speak of, derived from disjoint quantities.
 *
 * @example tokenTotals({ input_uncached: 400, input_cache_read: 600 }).input === 1000
 */
export function tokenTotals(quantities: Quantities): TokenTotals {
  const totals = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
  for (const [meter, quantity] of entries(quantities)) {
    const { unit, direction } = METERS[meter];
    if (unit !== 'tokens') continue;
    if (direction === 'input') totals.input += quantity;
    else totals.output += quantity;
    if (CACHE_READ.has(meter)) totals.cacheRead += quantity;
    else if (CACHE_WRITE.has(meter)) totals.cacheWrite += quantity;
    else if (meter === 'output_reasoning') totals.reasoning += quantity;
  }
  return totals;
}

/** The quantities of all segments of an event in one map. */
export function mergeSegments(segments: readonly Pick<UsageSegment, 'quantities'>[]): Quantities {
  const merged: MutableQuantities = {};
  for (const segment of segments) {
    for (const [meter, quantity] of entries(segment.quantities)) add(merged, meter, quantity);
  }
  return merged;
}

/**
 * The most of one meter that one event may have, and the most tokens of each side: a thousand times what the largest
 * models read at once. A `bigint` holds the sum of 900 million such events.
 */
export const LARGEST_QUANTITY = 10_000_000_000;

/** One thing wrong with quantities a caller gave. */
export interface QuantityProblem {
  readonly meter: string;
  readonly code: 'unknown_meter' | 'not_a_number' | 'negative' | 'fraction' | 'too_large';
  readonly message: string;
}

/**
 * Checks quantities from outside: unknown meters, non-numbers, negatives, fractions of an indivisible meter
 * (12.0 is 12; seconds may be fractional), more than {@link LARGEST_QUANTITY}. All problems are reported, not only the first.
 */
export function checkQuantities(
  input: unknown,
):
  | { readonly ok: true; readonly quantities: Quantities }
  | { readonly ok: false; readonly problems: readonly QuantityProblem[] } {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    const message = 'quantities must be an object of meter names and numbers';
    return { ok: false, problems: [{ meter: '', code: 'not_a_number', message }] };
  }
  const quantities: MutableQuantities = {};
  const problems: QuantityProblem[] = [];
  for (const [meter, value] of Object.entries(input)) {
    const problem = checkQuantity(meter, value);
    if (problem !== null) problems.push(problem);
    else if (isMeter(meter)) quantities[meter] = value === 0 ? 0 : value;
  }
  return problems.length === 0 ? { ok: true, quantities } : { ok: false, problems };
}

function checkQuantity(meter: string, value: unknown): QuantityProblem | null {
  const problem = (code: QuantityProblem['code'], message: string) => ({ meter, code, message });
  if (!isMeter(meter)) return problem('unknown_meter', `"${meter.slice(0, 60)}" is not a meter`);
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    return problem('not_a_number', `${meter} must be a finite number`);
  }
  if (value < 0) return problem('negative', `${meter} must not be negative`);
  if (value > LARGEST_QUANTITY)
    return problem('too_large', `${meter} is beyond ${LARGEST_QUANTITY.toLocaleString('en')}`);
  if (METERS[meter].divisible !== true && !Number.isInteger(value)) {
    return problem('fraction', `${meter} counts whole ${METERS[meter].unit}; ${value} is a fraction`);
  }
  return null;
}

const POSITIONS = new Map<string, number>(METER_NAMES.map((meter, position) => [meter, position]));

/** The meters that carry a quantity, in the order of METERS. */
export function entries(quantities: Quantities): [Meter, number][] {
  // An event has a handful of the many meters, and extractors name them in order already.
  const result: [Meter, number][] = [];
  let last = -1;
  let sorted = true;
  for (const [name, quantity] of Object.entries(quantities)) {
    const position = POSITIONS.get(name);
    if (position === undefined || quantity === undefined) continue;
    if (position < last) sorted = false;
    last = position;
    result.push([name as Meter, quantity]);
  }
  return sorted ? result : result.sort((a, b) => (POSITIONS.get(a[0]) ?? 0) - (POSITIONS.get(b[0]) ?? 0));
}

function isCount(meter: Meter, value: unknown): value is number {
  return checkQuantity(meter, value) === null;
}

function notACount(meter: Meter, value: unknown): Anomaly {
  return {
    code: `${meter}_not_a_count`,
    message: `${meter} was reported as ${String(value)}; it is left out`,
  };
}

/** Sums exactly where floats would not: 0.1 s + 0.2 s is 0.3 s. */
function add(into: MutableQuantities, meter: Meter, quantity: number): void {
  const before = into[meter];
  if (before === undefined) into[meter] = quantity;
  else if (Number.isInteger(before) && Number.isInteger(quantity)) into[meter] = before + quantity;
  else into[meter] = addDecimal(before, quantity);
}

function addDecimal(a: number, b: number): number {
  const left = parseDecimal(String(a));
  const right = parseDecimal(String(b));
  const scale = Math.max(left.scale, right.scale);
  const mantissa =
    left.mantissa * 10n ** BigInt(scale - left.scale) + right.mantissa * 10n ** BigInt(scale - right.scale);
  return Number(printDecimal({ mantissa, scale }));
}
