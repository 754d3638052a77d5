/** Finds the card in force among the cards of a model, by tier, speed, region, dates and hours. */
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

/** An answer, and the queries it is for: those of this tier, speed and region, at a time in [from, to). */
interface Answer {
  readonly tier: PriceQuery['tier'];
  readonly speed: PriceQuery['speed'];
  readonly region: string | null;
  readonly from: number;
  readonly to: number;
  /** Null: it depends on the hour, and is found among the candidates each time. */
  readonly found: CardLookup | null;
  readonly candidates: readonly DatedCard[];
}

/** The cards of one model, best first, with the latest answers: calls of a model mostly need the same card. */
export interface CardChoice {
  readonly cards: readonly DatedCard[];
  readonly answers: Answer[];
}

/** Regions come from outside, so the number of stored answers is bounded. */
const MOST_ANSWERS = 8;

/**
 * The first card in force. `regionClasses` names the class a region belongs to, where its provider has one; a card
 * of the very region or of its class wins over one for any region.
 */
export function pickCard(
  { cards, answers }: CardChoice,
  query: PriceQuery,
  regionClasses: ReadonlyMap<string, string>,
): CardLookup {
  const { tier, speed, region, at } = query;
  for (const answer of answers) {
    if (answer.tier !== tier || answer.speed !== speed || answer.region !== region) continue;
    if (at >= answer.from && at < answer.to) return answer.found ?? firstInForce(answer.candidates, query);
  }
  const regionClass = region === null ? null : (regionClasses.get(region) ?? null);
  const candidates = cards.filter(
    ({ card }) =>
      card.tier === tier &&
      card.speed === (speed ?? 'standard') &&
      (card.region === null || card.region === region || card.region === regionClass),
  );
  const found = firstInForce(candidates, query);
  const hourly = candidates.some(({ window }) => window !== null);
  const holds = hourly ? ALWAYS : between(candidates, at);
  if (answers.length >= MOST_ANSWERS) answers.shift();
  answers.push({ tier, speed, region, ...holds, found: hourly ? null : found, candidates });
  return found;
}

const ALWAYS = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

function firstInForce(candidates: readonly DatedCard[], { at, region }: PriceQuery): CardLookup {
  let anyRegion: CardLookup | null = null;
  for (const { card, found, from, to, window } of candidates) {
    if (at < from || at >= to) continue;
    if (window !== null && !inWindow(window, at)) continue;
    if (card.region !== null || region === null) return found;
    anyRegion ??= found;
  }
  return anyRegion ?? (candidates.length > 0 ? NO_TIME : NO_TIER);
}

/** The widest [from, to) around an instant in which none of the cards begins or ends. */
function between(cards: readonly DatedCard[], at: number): { readonly from: number; readonly to: number } {
  const bounds = cards.flatMap(({ from, to }) => [from, to]);
  return {
    from: Math.max(Number.NEGATIVE_INFINITY, ...bounds.filter((bound) => bound <= at)),
    to: Math.min(Number.POSITIVE_INFINITY, ...bounds.filter((bound) => bound > at)),
  };
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
