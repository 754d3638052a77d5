/** One recorded response → what it used and what that costs, or why not. The command line and the API answer the same. */

import type { PriceBook } from '../book/price-book.ts';
import { ExtractError, type ExtractErrorCode } from '../extract/errors.ts';
import { parseJson } from '../json/parse-json.ts';
import { printUsd } from '../money/money.ts';
import { type Explanation, explain } from '../rating/explain.ts';
import { type Charge, rate } from '../rating/rate.ts';
import { PROVIDERS_STATING_CHARGES, settle } from '../rating/settle.ts';
import type { Quantities } from '../usage/meters.ts';
import { mergeSegments, tokenTotals } from '../usage/quantities.ts';
import type { Anomaly, ExtractedUsage, Json, JsonObject, UsageSource } from '../usage/usage.ts';
import { type ResponseReading, ratingRequest, readResponseLine } from './response-line.ts';

/** What is printed for a line that could be read. Amounts are decimal text. */
export interface PricedLine {
  readonly id: string | null;
  readonly ok: true;
  readonly provider: string;
  readonly model: string;
  readonly operation: string;
  /** Disjoint; only meters the response reported. */
  readonly quantities: Quantities;
  /** Inclusive totals, derived from the quantities. */
  readonly input_tokens: number;
  readonly output_tokens: number;
  /** Null = unpriced: unknown is never zero. */
  readonly cost_usd: string | null;
  readonly priced_subtotal_usd: string;
  readonly lines: readonly {
    readonly meter: string;
    readonly quantity: number;
    readonly rate: string | null;
    readonly per: number | null;
    readonly amount_usd: string | null;
  }[];
  /** Meters without a price; `usage` where a successful response carried none. */
  readonly unpriced: readonly string[];
  /** What the provider itself stated, in its own digits. */
  readonly reported_cost_usd: string | null;
  /** What the ledger charges: the provider's figure if it states a charge, else our computation. */
  readonly charged_usd: string | null;
  readonly source: UsageSource;
  readonly anomalies: readonly Anomaly[];
  /** Everything that led to the figure, where it was asked for. */
  readonly explanation?: Explanation;
}

export type LineErrorCode =
  | ExtractErrorCode
  | 'invalid_json'
  | 'body_too_large'
  | 'event_too_large'
  | 'usage_too_large'
  | 'internal';

export interface FailedLine {
  readonly id: string | null;
  readonly ok: false;
  readonly error: { readonly code: LineErrorCode; readonly message: string };
}

/** What pricing a line needs. `now` (Unix milliseconds) is used if nothing says when the call was made. */
export interface LinePricing {
  readonly book: PriceBook;
  readonly now: number;
  /** Fills in counts that a line lacks; absent: they stay unknown. */
  readonly estimate?: ((line: JsonObject, reading: ResponseReading) => ExtractedUsage) | undefined;
  /** Providers that are charged as they state; absent: {@link PROVIDERS_STATING_CHARGES}. */
  readonly stating?: readonly string[];
  /** Explains each figure. */
  readonly explain?: boolean;
}

/** Prices one line of text; `number` (from 1) names it in messages. Never throws. */
export function priceLine(text: string, number: number, pricing: LinePricing): PricedLine | FailedLine {
  let line: Json;
  try {
    line = parseJson(text);
  } catch {
    return failed(null, 'invalid_json', `line ${number} is not valid JSON`);
  }
  if (typeof line !== 'object' || line === null || Array.isArray(line)) {
    return failed(null, 'invalid_event', `line ${number} must be a JSON object`);
  }
  return priceResponse(line as JsonObject, number, pricing);
}

/** The same for a line that was parsed; `streamed` is the reading of its stream, where that was read apart. */
export function priceResponse(
  line: JsonObject,
  number: number,
  pricing: LinePricing,
  streamed: ExtractedUsage | null = null,
): PricedLine | FailedLine {
  const named = Object.hasOwn(line, 'id') ? line['id'] : null;
  const id = typeof named === 'string' ? named : null;
  try {
    const read = readResponseLine(line, pricing.now, streamed);
    const reading = { ...read, usage: pricing.estimate?.(line, read) ?? read.usage };
    return { ...printReading(reading, pricing), id };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return failed(id, error instanceof ExtractError ? error.code : 'internal', `line ${number}: ${message}`);
  }
}

/** The answer for a line that could not be read. */
export function failed(id: string | null, code: LineErrorCode, message: string): FailedLine {
  return { id, ok: false, error: { code, message } };
}

function printReading(reading: ResponseReading, pricing: LinePricing): PricedLine {
  const { usage } = reading;
  const request = ratingRequest(reading);
  const charge = rate(pricing.book, request);
  const quantities = mergeSegments(usage.segments);
  const totals = tokenTotals(quantities);
  const charged = settle(
    charge,
    usage.provider,
    usage.reportedCost,
    pricing.stating ?? PROVIDERS_STATING_CHARGES,
  );
  return {
    id: reading.id,
    ok: true,
    provider: usage.provider,
    model: reading.model,
    operation: usage.operation,
    quantities,
    input_tokens: totals.input,
    output_tokens: totals.output,
    cost_usd: charge.totalPicos === null ? null : printUsd(charge.totalPicos),
    priced_subtotal_usd: printUsd(charge.pricedSubtotalPicos),
    lines: charge.lines.map((line) => ({
      meter: line.meter,
      quantity: line.quantity,
      rate: line.rate,
      per: line.per,
      amount_usd: line.amountPicos === null ? null : printUsd(line.amountPicos),
    })),
    unpriced: unpricedMeters(charge),
    reported_cost_usd: usage.reportedCost?.usd ?? null,
    charged_usd: charged.totalPicos === null ? null : printUsd(charged.totalPicos),
    source: usage.source,
    anomalies: usage.anomalies,
    ...(pricing.explain === true ? { explanation: explain(pricing.book, request, charge, usage) } : {}),
  };
}

function unpricedMeters(charge: Charge): string[] {
  if (charge.unpricedReason === 'no_usage') return ['usage'];
  return [...new Set(charge.lines.filter((line) => line.amountPicos === null).map((line) => line.meter))];
}
