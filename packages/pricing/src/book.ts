/**
 * Makes a {@link PriceBook} from data: the compiled one, or a layer of overrides.
 */
import { BoundedMemo, compileRule, type MatchRule, type Predicate, spellings } from './match-model.ts';
import { METERS, type Meter } from './meters.ts';
import type {
  CardLookup,
  NoCardReason,
  PriceBook,
  PriceQuery,
  Provenance,
  Rate,
  RateCard,
  TimeOfDay,
} from './price-book.ts';
import { canonicalProvider } from './providers.ts';

/** A rate as data: text alone means "per the usual unit of the meter", see {@link usualPer}. */
export type RateData = string | (Omit<Rate, 'per'> & { readonly per?: number });

/** A card as data; what is absent has its default (open interval, standard tier and speed, any region). */
export interface CardData {
  readonly id: string;
  readonly from?: string;
  readonly to?: string;
  readonly timeOfDay?: TimeOfDay;
  readonly tier?: RateCard['tier'];
  readonly speed?: RateCard['speed'];
  readonly region?: string;
  readonly rates: { readonly [M in Meter]?: RateData };
  /** Index into the book's sources. */
  readonly source?: number;
}

export interface ModelData {
  readonly id: string;
  readonly match: MatchRule;
  /** Best first: of the cards that apply, the first one is in force. */
  readonly cards: readonly CardData[];
}

/** A name that stood for a model during an interval; wins over the models' own rules. */
export interface AliasData {
  readonly alias: string;
  readonly model: string;
  readonly from?: string;
  readonly to?: string;
}

export interface ProviderData {
  readonly id: string;
  readonly fallback?: readonly string[];
  readonly aliases?: readonly AliasData[];
  readonly models: readonly ModelData[];
}

export interface BookData {
  readonly version: string;
  readonly sources: readonly Provenance[];
  readonly providers: readonly ProviderData[];
}

/** The quantity a price of this meter is usually stated for: a million tokens, a thousand of most else. */
export function usualPer(meter: Meter): number {
  const { unit } = METERS[meter];
  if (unit === 'tokens' || unit === 'characters') return 1_000_000;
  return unit === 'seconds' ? 3600 : 1000;
}

/**
 * What a card says, as canonical text; its SHA-256 is the card's id. Where it was read and when it ended are
 * left out: the same prices found again, or closed by a successor, stay the same card.
 */
export function cardContent(card: Omit<RateCard, 'id' | 'provenance'>): string {
  const { provider, model, from, timeOfDay, tier, speed, region } = card;
  const rates = Object.entries(card.rates)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([meter, rate]) => [
      meter,
      rate.usd,
      rate.per,
      (rate.steps ?? []).map((step) => [step.from, step.usd]),
      rate.mode ?? 'cliff',
      rate.minimum ?? 0,
    ]);
  const window = timeOfDay === undefined ? null : [timeOfDay.start, timeOfDay.end];
  return JSON.stringify([provider, model, from, window, tier, speed, region, rates]);
}

interface DatedCard {
  readonly card: RateCard;
  readonly found: CardLookup;
  readonly from: number;
  readonly to: number;
  /** Seconds of the UTC day, or null. */
  readonly window: { readonly start: number; readonly end: number } | null;
}

interface ModelEntry {
  readonly data: ModelData;
  readonly provider: string;
  matches: Predicate | null;
  cards: readonly DatedCard[] | null;
}

interface ProviderEntry {
  readonly id: string;
  readonly models: readonly ModelEntry[];
  readonly byId: ReadonlyMap<string, ModelEntry>;
  readonly aliases: ReadonlyMap<string, readonly AliasData[]>;
  readonly fallback: readonly string[];
  readonly memo: BoundedMemo<ModelEntry | null>;
}

const MEMO_SIZE = 4096;
const missing = (reason: NoCardReason): CardLookup => Object.freeze({ card: null, reason });
const UNKNOWN_PROVIDER = missing('unknown_provider');
const UNKNOWN_MODEL = missing('unknown_model');
const NO_TIER = missing('no_card_for_tier');
const NO_TIME = missing('no_card_at_time');

/** Makes the book of some data. Models are compiled when first asked for, so that loading stays quick. */
export function createPriceBook(data: BookData): PriceBook {
  const providers = new Map(data.providers.map((provider) => [provider.id, providerEntry(provider)]));
  let byId: Map<string, RateCard> | null = null;

  function* cards(): Iterable<RateCard> {
    for (const provider of providers.values()) {
      for (const model of provider.models) for (const dated of datedCards(model, data)) yield dated.card;
    }
  }
  const lookup = (query: PriceQuery): CardLookup => {
    const model = findModel(providers, query);
    if (model === null || model === undefined) return model === null ? UNKNOWN_MODEL : UNKNOWN_PROVIDER;
    return pickCard(datedCards(model, data), query);
  };
  return {
    version: data.version,
    lookup,
    find: (query) => lookup(query).card,
    card: (id) => {
      byId ??= new Map([...cards()].map((card) => [card.id, card]));
      return byId.get(id) ?? null;
    },
    cards,
  };
}

/**
 * One book over others: the first that has a card in force decides (tenant overrides over the installed book).
 *
 * @example stackBooks('installed+acme@7', [overrides, installed])
 */
export function stackBooks(version: string, books: readonly PriceBook[]): PriceBook {
  const lookup = (query: PriceQuery): CardLookup => {
    let best: CardLookup = UNKNOWN_PROVIDER;
    for (const book of books) {
      const found = book.lookup(query);
      if (found.card !== null) return found;
      if (REASON_WEIGHT[found.reason] > REASON_WEIGHT[best.reason ?? 'unknown_provider']) best = found;
    }
    return best;
  };
  return {
    version,
    lookup,
    find: (query) => lookup(query).card,
    card: (id) => {
      for (const book of books) {
        const card = book.card(id);
        if (card !== null) return card;
      }
      return null;
    },
    *cards() {
      for (const book of books) yield* book.cards();
    },
  };
}

/** The reason that knows most about a model is the one worth telling. */
const REASON_WEIGHT: { readonly [R in NoCardReason]: number } = {
  unknown_provider: 0,
  unknown_model: 1,
  no_card_at_time: 2,
  no_card_for_tier: 3,
};

function providerEntry(data: ProviderData): ProviderEntry {
  const models = data.models.map(
    (model): ModelEntry => ({ data: model, provider: data.id, matches: null, cards: null }),
  );
  const aliases = new Map<string, AliasData[]>();
  for (const alias of data.aliases ?? []) {
    const name = alias.alias.toLowerCase();
    aliases.set(name, [...(aliases.get(name) ?? []), alias]);
  }
  return {
    id: data.id,
    models,
    byId: new Map(models.map((model) => [model.data.id.toLowerCase(), model])),
    aliases,
    fallback: data.fallback ?? [],
    memo: new BoundedMemo(MEMO_SIZE),
  };
}

/** Undefined = the provider is unknown, null = the model is. */
function findModel(
  providers: ReadonlyMap<string, ProviderEntry>,
  { provider, model, at }: PriceQuery,
): ModelEntry | null | undefined {
  const entry = providers.get(provider) ?? providers.get(canonicalProvider(provider));
  if (entry === undefined) return undefined;
  const known = entry.memo.get(model);
  if (known !== undefined) return known;
  const names = spellings(model, entry.id);
  const candidates = [entry, ...entry.fallback.flatMap((id) => providers.get(id) ?? [])];
  let found: ModelEntry | null = null;
  for (const candidate of candidates) {
    found = aliased(candidate, names, at) ?? matched(candidate, names);
    if (found !== null) break;
  }
  // What an alias stands for depends on the date, so such names are looked up each time.
  const dated = candidates.some((candidate) => names.some((name) => candidate.aliases.has(name)));
  if (!dated && names.length > 0) entry.memo.set(model, found);
  return found;
}

function aliased(entry: ProviderEntry, names: readonly string[], at: number): ModelEntry | null {
  if (entry.aliases.size === 0) return null;
  for (const name of names) {
    for (const alias of entry.aliases.get(name) ?? []) {
      const open = instant(alias.from, Number.NEGATIVE_INFINITY) <= at;
      if (open && at < instant(alias.to, Number.POSITIVE_INFINITY)) {
        return entry.byId.get(alias.model.toLowerCase()) ?? null;
      }
    }
  }
  return null;
}

function matched(entry: ProviderEntry, names: readonly string[]): ModelEntry | null {
  for (const name of names) {
    for (const candidate of entry.models) {
      candidate.matches ??= compileRule(candidate.data.match);
      if (candidate.matches(name)) return candidate;
    }
  }
  return null;
}

function datedCards(model: ModelEntry, data: BookData): readonly DatedCard[] {
  model.cards ??= model.data.cards.map((card) => {
    const source = data.sources[card.source ?? 0];
    if (source === undefined) throw new Error(`price book ${data.version}: card ${card.id} names no source`);
    return datedCard(expandCard(card, model.provider, model.data.id, source));
  });
  return model.cards;
}

/** A card with its defaults filled in. */
export function expandCard(
  data: CardData,
  provider: string,
  model: string,
  provenance: Provenance,
): RateCard {
  const rates: { [M in Meter]?: Rate } = {};
  for (const [meter, rate] of Object.entries(data.rates) as [Meter, RateData][]) {
    const per = usualPer(meter);
    rates[meter] = typeof rate === 'string' ? { usd: rate, per } : { per, ...rate };
  }
  return Object.freeze({
    id: data.id,
    provider,
    model,
    from: data.from ?? null,
    to: data.to ?? null,
    ...(data.timeOfDay === undefined ? {} : { timeOfDay: data.timeOfDay }),
    tier: data.tier ?? 'standard',
    speed: data.speed ?? 'standard',
    region: data.region ?? null,
    rates,
    provenance,
  });
}

function datedCard(card: RateCard): DatedCard {
  return {
    card,
    found: Object.freeze({ card, reason: null }),
    from: instant(card.from ?? undefined, Number.NEGATIVE_INFINITY),
    to: instant(card.to ?? undefined, Number.POSITIVE_INFINITY),
    window:
      card.timeOfDay === undefined
        ? null
        : { start: secondOfDay(card.timeOfDay.start), end: secondOfDay(card.timeOfDay.end) },
  };
}

function pickCard(cards: readonly DatedCard[], query: PriceQuery): CardLookup {
  const speed = query.speed ?? 'standard';
  let anyRegion: CardLookup | null = null;
  let rightTier = false;
  for (const dated of cards) {
    const { card } = dated;
    if (card.tier !== query.tier || card.speed !== speed) continue;
    if (card.region !== null && card.region !== query.region) continue;
    rightTier = true;
    if (query.at < dated.from || query.at >= dated.to) continue;
    if (dated.window !== null && !inWindow(dated.window, query.at)) continue;
    if (card.region !== null || query.region === null) return dated.found;
    anyRegion ??= dated.found;
  }
  return anyRegion ?? (rightTier ? NO_TIME : NO_TIER);
}

const DAY = 86_400_000;

function inWindow(window: { readonly start: number; readonly end: number }, at: number): boolean {
  const second = (((at % DAY) + DAY) % DAY) / 1000;
  return window.end < window.start
    ? second >= window.start || second < window.end
    : second >= window.start && second < window.end;
}

function secondOfDay(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.split(':').map(Number);
  return hours * 3600 + minutes * 60 + seconds;
}

function instant(text: string | undefined, open: number): number {
  return text === undefined ? open : Date.parse(text);
}
