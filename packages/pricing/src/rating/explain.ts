/**
 * Explanation: everything that led to a figure, as data. `explain-text.ts` prints it for people.
 */

import type { PriceBook, Provenance, RateCard, TimeOfDay } from '../book/price-book.ts';
import { printUsd } from '../money/money.ts';
import { METERS, type Meter } from '../usage/meters.ts';
import { mergeSegments, tokenTotals } from '../usage/quantities.ts';
import type { Anomaly, Json, ReportedCost, UsageSource } from '../usage/usage.ts';
import type { Charge, ChargeLine, RatingRequest, UnpricedReason } from './rate.ts';

/** How the quantities were read; what an extractor says, or the caller of the API. */
export interface UsageReading {
  readonly rawUsage: Json;
  readonly convention: string;
  readonly source: UsageSource;
  readonly reportedCost: ReportedCost | null;
  readonly anomalies: readonly Anomaly[];
}

export interface ExplainedLine {
  readonly segment: number;
  readonly model: string;
  readonly meter: Meter;
  readonly label: string;
  readonly unit: string;
  readonly quantity: number;
  readonly billed_quantity: number | null;
  /** Decimal USD per `per` units, null = unpriced. */
  readonly rate_usd: string | null;
  readonly per: number | null;
  readonly amount_usd: string | null;
  readonly card: string | null;
  readonly inherited_from: Meter | null;
  /** The threshold (tokens, inclusive) whose price was used, with the tokens compared with it. */
  readonly threshold: { readonly from: number; readonly context_tokens: number } | null;
  readonly unpriced_reason: UnpricedReason | null;
  /** Where this rate was read; null = unpriced, or the book no longer holds the card. */
  readonly source: Provenance | null;
}

export interface ExplainedCard {
  readonly id: string;
  readonly provider: string;
  readonly model: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly time_of_day: TimeOfDay | null;
  readonly tier: RateCard['tier'];
  readonly speed: RateCard['speed'];
  readonly region: string | null;
  /** Where the card was read; a rate that was read elsewhere says so on its line. */
  readonly source: Provenance;
}

/** Raw usage → convention → quantities → cards → lines → amount. Ready for JSON: amounts are decimal text. */
export interface Explanation {
  readonly provider: string;
  readonly model: string;
  readonly at: string;
  readonly tier: RatingRequest['tier'];
  readonly speed: RatingRequest['speed'];
  readonly region: string | null;
  readonly usage: UsageReading | null;
  readonly segments: readonly {
    readonly model: string;
    readonly quantities: RatingRequest['segments'][number]['quantities'];
    readonly context_tokens: number;
  }[];
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cards: readonly ExplainedCard[];
  readonly lines: readonly ExplainedLine[];
  readonly input_usd: string;
  readonly output_usd: string;
  readonly other_usd: string;
  readonly priced_subtotal_usd: string;
  /** Null = unpriced. */
  readonly total_usd: string | null;
  readonly unpriced_reason: UnpricedReason | null;
  readonly price_book: string;
}

/**
 * Explains a charge. Cards are looked up in `book` by the ids the lines name, so a book that no longer holds
 * an old card leaves it out of `cards`; the lines keep their own rates.
 */
export function explain(
  book: PriceBook,
  request: RatingRequest,
  charge: Charge,
  usage: UsageReading | null = null,
): Explanation {
  const totals = tokenTotals(mergeSegments(request.segments));
  return {
    provider: request.provider,
    model: request.model,
    at: new Date(request.at).toISOString(),
    tier: request.tier,
    speed: request.speed,
    region: request.region,
    usage,
    segments: request.segments.map((segment) => ({
      model: segment.model ?? request.model,
      quantities: segment.quantities,
      context_tokens: segment.contextTokens,
    })),
    input_tokens: totals.input,
    output_tokens: totals.output,
    cards: explainCards(book, charge),
    lines: explainLines(book, request, charge),
    input_usd: printUsd(charge.inputPicos),
    output_usd: printUsd(charge.outputPicos),
    other_usd: printUsd(charge.otherPicos),
    priced_subtotal_usd: printUsd(charge.pricedSubtotalPicos),
    total_usd: charge.totalPicos === null ? null : printUsd(charge.totalPicos),
    unpriced_reason: charge.unpricedReason,
    price_book: charge.bookVersion,
  };
}

function explainLines(book: PriceBook, request: RatingRequest, charge: Charge): ExplainedLine[] {
  return charge.lines.map((line) => {
    const segment = request.segments[line.segment];
    return {
      segment: line.segment,
      model: segment?.model ?? request.model,
      meter: line.meter,
      label: METERS[line.meter].label,
      unit: METERS[line.meter].unit,
      quantity: line.quantity,
      billed_quantity: line.billedQuantity ?? null,
      rate_usd: line.rate,
      per: line.per,
      amount_usd: line.amountPicos === null ? null : printUsd(line.amountPicos),
      card: line.cardId,
      inherited_from: line.inheritedFrom ?? null,
      threshold:
        line.step === undefined ? null : { from: line.step, context_tokens: segment?.contextTokens ?? 0 },
      unpriced_reason: line.reason ?? null,
      source: sourceOf(book, line),
    };
  });
}

function sourceOf(book: PriceBook, { cardId, meter, inheritedFrom, rate }: ChargeLine): Provenance | null {
  const card = cardId === null || rate === null ? null : book.card(cardId);
  return card === null ? null : (card.rates[inheritedFrom ?? meter]?.provenance ?? card.provenance);
}

function explainCards(book: PriceBook, charge: Charge): ExplainedCard[] {
  const ids = new Set(charge.lines.flatMap((line) => (line.cardId === null ? [] : [line.cardId])));
  return [...ids].flatMap((id) => {
    const card = book.card(id);
    if (card === null) return [];
    const { provider, model, from, to, timeOfDay, tier, speed, region, provenance } = card;
    const time_of_day = timeOfDay ?? null;
    return [{ id, provider, model, from, to, time_of_day, tier, speed, region, source: provenance }];
  });
}
