/**
 * Makes a {@link PriceBook} from data: the compiled one, or a layer of overrides.
 */
import { type CardChoice, type DatedCard, datedCard, instant, noCard, pickCard } from './card-choice.ts';
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

/**
 * A rate as data: text alone means "per the usual unit of the meter", see {@link usualPer}. `source` where the
 * rate was read elsewhere than the rest of the card.
 */
export type RateData =
  | string
  | (Omit<Rate, 'per' | 'provenance'> & { readonly per?: number; readonly source?: number });

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
  /** See {@link RateCard.unpriced}. */
  readonly unpriced?: readonly Meter[];
  /** Index into the book's sources. */
  readonly source?: number;
}

export interface ModelData {
  readonly id: string;
  /**
   * The cards are laid over those of the same model of this provider, which is one of the provider's
   * fallbacks; names are matched by its rules alone.
   */
  readonly extends?: string;
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
  /**
   * Providers whose models this one sells too. Of their prices only standard ones for any region are taken
   * over: what another seller asks for a batch, a faster answer or a region says nothing about this one.
   */
  readonly fallback?: readonly string[];
  /** Regions that share a price: region → class, the `region` of the cards of that price. */
  readonly regionClasses?: { readonly [region: string]: string };
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
  const { provider, model, from, timeOfDay, tier, speed, region, unpriced } = card;
  const rates = Object.entries(card.rates)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([meter, rate]) => [
      meter,
      rate.usd,
      rate.per,
      (rate.steps ?? []).map((step) => [step.from, step.usd]),
      rate.mode ?? 'cliff',
      rate.minimum ?? 0,
      ...(rate.increment === undefined ? [] : [rate.increment]),
    ]);
  const window =
    timeOfDay === undefined
      ? null
      : [timeOfDay.start, timeOfDay.end, ...(timeOfDay.days === undefined ? [] : [timeOfDay.days])];
  const parts = [provider, model, from, window, tier, speed, region, rates];
  return JSON.stringify(unpriced === undefined ? parts : [...parts, [...unpriced].sort()]);
}

interface ModelEntry {
  readonly data: ModelData;
  readonly provider: string;
  /** The entry whose prices for standard calls this one shares. */
  readonly base: ModelEntry | null;
  matches: Predicate | null;
  choice: CardChoice | null;
}

interface ProviderEntry {
  readonly id: string;
  readonly models: readonly ModelEntry[];
  readonly byId: ReadonlyMap<string, ModelEntry>;
  readonly aliases: ReadonlyMap<string, readonly AliasData[]>;
  readonly fallback: readonly string[];
  readonly regionClasses: ReadonlyMap<string, string>;
  /** Entries over models of fallback providers, made when first asked for. */
  readonly extensions: Map<ModelEntry, ModelEntry>;
  readonly memo: BoundedMemo<ModelEntry | null>;
}

const MEMO_SIZE = 4096;
const UNKNOWN_PROVIDER = noCard('unknown_provider');
const UNKNOWN_MODEL = noCard('unknown_model');

/** Makes the book of some data. Models are compiled when first asked for, so that loading stays quick. */
export function createPriceBook(data: BookData): PriceBook {
  const providers = new Map(data.providers.map((provider) => [provider.id, providerEntry(provider)]));
  let byId: Map<string, RateCard> | null = null;

  function* cards(): Iterable<RateCard> {
    for (const provider of providers.values()) {
      for (const model of provider.models) for (const dated of choiceOf(model, data).cards) yield dated.card;
    }
  }
  const lookup = (query: PriceQuery): CardLookup => {
    const entry = providers.get(query.provider) ?? providers.get(canonicalProvider(query.provider));
    if (entry === undefined) return UNKNOWN_PROVIDER;
    const model = findModel(providers, entry, query);
    if (model === null) return UNKNOWN_MODEL;
    return pickCard(choiceOf(model, data), query, entry.regionClasses);
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
    (model): ModelEntry => ({ data: model, provider: data.id, base: null, matches: null, choice: null }),
  );
  const aliases = new Map<string, AliasData[]>();
  for (const alias of data.aliases ?? []) {
    const name = alias.alias.toLowerCase();
    aliases.set(name, [...(aliases.get(name) ?? []), alias]);
  }
  return {
    id: data.id,
    models,
    byId: new Map(
      models
        .filter((model) => model.data.extends === undefined)
        .map((model) => [model.data.id.toLowerCase(), model]),
    ),
    aliases,
    fallback: data.fallback ?? [],
    regionClasses: new Map(Object.entries(data.regionClasses ?? {})),
    extensions: new Map(),
    memo: new BoundedMemo(MEMO_SIZE),
  };
}

function findModel(
  providers: ReadonlyMap<string, ProviderEntry>,
  entry: ProviderEntry,
  { model, at }: PriceQuery,
): ModelEntry | null {
  const known = entry.memo.get(model);
  if (known !== undefined) return known;
  const names = spellings(model, entry.id);
  const candidates = [entry, ...entry.fallback.flatMap((id) => providers.get(id) ?? [])];
  let found: ModelEntry | null = null;
  for (const candidate of candidates) {
    // What a name stands for in time is the seller's own matter: another one's aliases are not taken over.
    found = (candidate === entry ? aliased(entry, names, at) : null) ?? matched(candidate, names);
    if (found !== null) {
      if (candidate !== entry) found = extension(entry, found);
      break;
    }
  }
  // What an alias stands for depends on the date, so such names are looked up each time.
  const dated = names.some((name) => entry.aliases.has(name));
  if (!dated && names.length > 0) entry.memo.set(model, found);
  return found;
}

/** The model of a fallback provider as this one sells it. */
function extension(entry: ProviderEntry, base: ModelEntry): ModelEntry {
  const known = entry.extensions.get(base);
  if (known !== undefined) return known;
  const { id, match } = base.data;
  const own = entry.models.find((one) => one.data.extends === base.provider && one.data.id === id);
  const data = own?.data ?? { id, match, cards: [] };
  const made: ModelEntry = { data, provider: entry.id, base, matches: null, choice: null };
  entry.extensions.set(base, made);
  return made;
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
      if (candidate.data.extends !== undefined) continue;
      candidate.matches ??= compileRule(candidate.data.match);
      if (candidate.matches(name)) return candidate;
    }
  }
  return null;
}

function choiceOf(model: ModelEntry, data: BookData): CardChoice {
  model.choice ??= { cards: [...ownCards(model, data), ...sharedCards(model, data)], answers: [] };
  return model.choice;
}

function ownCards(model: ModelEntry, data: BookData): DatedCard[] {
  return model.data.cards.map((card) =>
    datedCard(expandCard(card, model.provider, model.data.id, data.sources)),
  );
}

/** Objects of the base's own, so that each card is compiled once. */
function sharedCards({ base }: ModelEntry, data: BookData): readonly DatedCard[] {
  if (base === null) return [];
  return choiceOf(base, data).cards.filter(
    ({ card }) => card.tier === 'standard' && card.speed === 'standard' && card.region === null,
  );
}

/** A card with its defaults filled in. Throws where it names a source that is not there. */
export function expandCard(
  data: CardData,
  provider: string,
  model: string,
  sources: readonly Provenance[],
): RateCard {
  const sourceOf = (index: number): Provenance => {
    const source = sources[index];
    if (source === undefined) throw new Error(`${provider}/${model}: card ${data.id} names no source`);
    return source;
  };
  const rates: { [M in Meter]?: Rate } = {};
  for (const [meter, rate] of Object.entries(data.rates) as [Meter, RateData][]) {
    const per = usualPer(meter);
    if (typeof rate === 'string') rates[meter] = { usd: rate, per };
    else {
      const { source, ...rest } = rate;
      rates[meter] = { per, ...rest, ...(source === undefined ? {} : { provenance: sourceOf(source) }) };
    }
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
    ...(data.unpriced === undefined ? {} : { unpriced: data.unpriced }),
    provenance: sourceOf(data.source ?? 0),
  });
}
