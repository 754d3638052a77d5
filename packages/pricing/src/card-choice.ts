/** Of the cards of one model, the one in force for a query: tier, speed, region, dates and hours. */
import type { CardLookup, NoCardReason, PriceQuery, RateCard, TimeOfDay } from './price-book.ts';

/** A card with its dates as numbers and its answer made once. */
export interface DatedCard {
  readonly card: RateCard;
  readonly found: CardLookup;
  readonly from: number;
  readonly to: number;
  readonly window: Window | null;
}

/** Seconds of the UTC day; `days` as `Date.getUTCDay` counts them, null = every day. */
interface Window {
  readonly start: number;
  readonly end: number;
  readonly days: readonly number[] | null;
}

/** An answer that names why there is no card. */
export function noCard(reason: NoCardReason): CardLookup {
  return Object.freeze({ card: null, reason });
}

const NO_TIER = noCard('no_card_for_tier');
const NO_TIME = noCard('no_card_at_time');

export function datedCard(card: RateCard): DatedCard {
  return {
    card,
    found: Object.freeze({ card, reason: null }),
    from: instant(card.from ?? undefined, Number.NEGATIVE_INFINITY),
    to: instant(card.to ?? undefined, Number.POSITIVE_INFINITY),
    window: card.timeOfDay === undefined ? null : windowOf(card.timeOfDay),
  };
}

/**
 * The first card in force. `regionClass` is the class the query's region belongs to, where its provider has
 * one; a card of the very region or of its class wins over one for any region.
 */
export function pickCard(
  cards: readonly DatedCard[],
  query: PriceQuery,
  regionClass: string | null,
): CardLookup {
  const speed = query.speed ?? 'standard';
  let anyRegion: CardLookup | null = null;
  let rightTier = false;
  for (const dated of cards) {
    const { card } = dated;
    if (card.tier !== query.tier || card.speed !== speed) continue;
    if (card.region !== null && card.region !== query.region && card.region !== regionClass) continue;
    rightTier = true;
    if (query.at < dated.from || query.at >= dated.to) continue;
    if (dated.window !== null && !inWindow(dated.window, query.at)) continue;
    if (card.region !== null || query.region === null) return dated.found;
    anyRegion ??= dated.found;
  }
  return anyRegion ?? (rightTier ? NO_TIME : NO_TIER);
}

const DAY = 86_400_000;

function windowOf({ start, end, days }: TimeOfDay): Window {
  return {
    start: secondOfDay(start),
    end: secondOfDay(end),
    days: days === undefined ? null : days.map((day) => day % 7),
  };
}

function inWindow(window: Window, at: number): boolean {
  const second = (((at % DAY) + DAY) % DAY) / 1000;
  if (window.days !== null && !window.days.includes(new Date(at).getUTCDay())) return false;
  return window.end < window.start
    ? second >= window.start || second < window.end
    : second >= window.start && second < window.end;
}

function secondOfDay(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.split(':').map(Number);
  return hours * 3600 + minutes * 60 + seconds;
}

/** Unix milliseconds of an instant, or `open` where there is none. */
export function instant(text: string | undefined, open: number): number {
  return text === undefined ? open : Date.parse(text);
}
