/** Estimates the cost of calls: models × quantities × volume, by the prices in force. Pure. */
import { AppError } from '@farthing/contract';
import {
  disjoint,
  divideHalfEven,
  type ExplainedLine,
  explain,
  type Operation,
  type PriceBook,
  parseDecimal,
  type Quantities,
  type RatingRequest,
  rate,
  type ServiceTier,
  tokenTotals,
  type UnpricedReason,
} from '@farthing/pricing';
import { locateModel } from './locate-model.ts';

/** Inclusive counts, as providers and people speak of them. */
export interface InclusiveUsage {
  /** All input tokens, cached and cache-written ones included. */
  readonly input_tokens?: number | undefined;
  /** All output tokens, reasoning included. */
  readonly output_tokens?: number | undefined;
  readonly cache_read_tokens?: number | undefined;
  readonly cache_write_tokens?: number | undefined;
  readonly reasoning_tokens?: number | undefined;
}

/** Usage of one call: inclusive counts, or quantities by meter. */
export type CallUsage =
  | { readonly usage: InclusiveUsage; readonly quantities?: undefined }
  | { readonly quantities: Quantities; readonly usage?: undefined };

/** One kind of call. */
export interface EstimatedCall {
  readonly provider?: string | undefined;
  readonly model: string;
  readonly use: CallUsage;
  /** How many of these calls one unit of work makes, decimal text; "0.5" for every second one. */
  readonly times: string;
}

export interface EstimateRequest {
  readonly calls: readonly EstimatedCall[];
  /** Numbers of units of work to multiply by. */
  readonly volumes: readonly number[];
  readonly tier: ServiceTier;
  readonly region: string | null;
  readonly operation: Operation;
  /** Prices of this time, Unix milliseconds. */
  readonly at: number;
}

/** Why something has no price. */
export interface Unpriced {
  readonly reason: UnpricedReason | 'unknown_provider';
  readonly message: string;
}

/** An amount for one unit of work and for each volume; null where something has no price. */
export interface EstimatedCost {
  readonly picos: bigint | null;
  readonly volumes: readonly { readonly calls: number; readonly picos: bigint | null }[];
}

export interface CallEstimate {
  readonly provider: string | null;
  readonly model: string;
  readonly times: string;
  /** Of one call. */
  readonly callPicos: bigint | null;
  /** Of the calls that units of work make. */
  readonly cost: EstimatedCost;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly lines: readonly ExplainedLine[];
  readonly unpriced: readonly Unpriced[];
}

export interface CostEstimate {
  readonly calls: readonly CallEstimate[];
  /** All calls together: one unit of work, and each volume of it. */
  readonly total: EstimatedCost;
  readonly priceBook: string;
}

/**
 * Prices each kind of call, and all of them together as one unit of work. Rounded once per amount, half to even.
 *
 * Refuses (`invalid_body`) a usage whose parts exceed their total.
 */
export function estimateCost(book: PriceBook, request: EstimateRequest): CostEstimate {
  const priced = request.calls.map((call, index) => priceCall(book, request, { call, index }));
  const whole = priced.every(({ perUnit }) => perUnit !== null);
  const sum = whole ? priced.reduce((total, { perUnit }) => addRational(total, perUnit ?? ZERO), ZERO) : null;
  return {
    calls: priced.map(({ estimate }) => estimate),
    total: costOf(sum, request.volumes),
    priceBook: book.version,
  };
}

/** picos = numerator ÷ denominator, before it is rounded. */
interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const ZERO: Rational = { numerator: 0n, denominator: 1n };

const addRational = (a: Rational, b: Rational): Rational => ({
  numerator: a.numerator * b.denominator + b.numerator * a.denominator,
  denominator: a.denominator * b.denominator,
});

function costOf(perUnit: Rational | null, volumes: readonly number[]): EstimatedCost {
  const times = (count: number) =>
    perUnit === null ? null : divideHalfEven(perUnit.numerator * BigInt(count), perUnit.denominator);
  return { picos: times(1), volumes: volumes.map((calls) => ({ calls, picos: times(calls) })) };
}

interface Priced {
  readonly perUnit: Rational | null;
  readonly estimate: CallEstimate;
}

function priceCall(
  book: PriceBook,
  request: EstimateRequest,
  { call, index }: { readonly call: EstimatedCall; readonly index: number },
): Priced {
  const quantities = quantitiesOf(call.use, index);
  const totals = tokenTotals(quantities);
  const located = locateModel(book, call);
  const base = {
    model: located.model,
    times: call.times,
    inputTokens: totals.input,
    outputTokens: totals.output,
  };
  if (located.provider === null) {
    const unpriced: Unpriced[] = [{ reason: 'unknown_provider', message: located.problem }];
    const cost = costOf(null, request.volumes);
    return {
      perUnit: null,
      estimate: { ...base, provider: null, callPicos: null, cost, lines: [], unpriced },
    };
  }
  const rating: RatingRequest = {
    provider: located.provider,
    model: located.model,
    operation: request.operation,
    at: request.at,
    tier: request.tier,
    speed: null,
    region: request.region,
    segments: [{ model: null, quantities, contextTokens: totals.input }],
  };
  const charge = rate(book, rating);
  const perUnit = charge.totalPicos === null ? null : timesOf(charge.totalPicos, call.times);
  const { lines } = explain(book, rating, charge);
  return {
    perUnit,
    estimate: {
      ...base,
      provider: located.provider,
      callPicos: charge.totalPicos,
      cost: costOf(perUnit, request.volumes),
      lines,
      unpriced: unpricedReasons(lines, charge.unpricedReason),
    },
  };
}

function timesOf(picos: bigint, times: string): Rational {
  const { mantissa, scale } = parseDecimal(times);
  return { numerator: picos * mantissa, denominator: 10n ** BigInt(scale) };
}

function quantitiesOf({ usage, quantities }: CallUsage, index: number): Quantities {
  if (quantities !== undefined) return quantities;
  const cut = disjoint([
    {
      name: 'input_tokens',
      total: usage.input_tokens,
      rest: 'input_uncached',
      parts: { input_cache_read: usage.cache_read_tokens, input_cache_write_5m: usage.cache_write_tokens },
    },
    {
      name: 'output_tokens',
      total: usage.output_tokens,
      rest: 'output_text',
      parts: { output_reasoning: usage.reasoning_tokens },
    },
  ]);
  const [wrong] = cut.anomalies;
  if (wrong !== undefined) {
    const path = `models.${index}.usage`;
    throw new AppError('invalid_body', `${path}: ${wrong.message}.`, {
      details: [{ path, message: wrong.message }],
    });
  }
  return cut.quantities;
}

const MESSAGES: { readonly [R in UnpricedReason]: string } = {
  unknown_provider: 'the price book has nothing of this provider',
  unknown_model: 'the price book does not have this model',
  no_card_for_tier: 'the model has no price in this tier or region',
  no_card_at_time: 'the model has no price at this time',
  no_rate: 'the model has no price for',
  no_usage: 'no quantity is given: say what a call uses',
};

function unpricedReasons(lines: readonly ExplainedLine[], first: UnpricedReason | null): Unpriced[] {
  if (first === null) return [];
  const meters = lines.flatMap((line) => (line.unpriced_reason === 'no_rate' ? [line.label] : []));
  if (first === 'no_rate') return [{ reason: first, message: `${MESSAGES.no_rate} ${meters.join(', ')}` }];
  return [{ reason: first, message: MESSAGES[first] }];
}
