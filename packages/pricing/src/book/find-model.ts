/** From the name of a model, at its seller and at a moment, to the model of the book. */
import type { AliasData, ModelData, ProviderData } from './book-data.ts';
import { type CardChoice, instant } from './card-choice.ts';
import { BoundedMemo, compileRule, type Predicate, spellings } from './match-model.ts';
import type { PriceQuery } from './price-book.ts';

/** A model of a book, with what is made of it when first asked for. */
export interface ModelEntry {
  readonly data: ModelData;
  readonly provider: string;
  /** The entry whose prices for standard calls this one shares. */
  readonly base: ModelEntry | null;
  matches: Predicate | null;
  choice: CardChoice | null;
}

/** A provider of a book, with its names indexed. */
export interface ProviderEntry {
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

/** Indexes a provider's models and aliases. */
export function providerEntry(data: ProviderData): ProviderEntry {
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

/** The model of this name at its seller, or at another provider whose models the seller offers; else null. */
export function findModel(
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
    // Which model an alias means over time is up to the seller: aliases of another provider are not used.
    found = (candidate === entry ? aliased(entry, names, at) : null) ?? matched(candidate, names);
    if (found !== null) {
      if (candidate !== entry) found = extension(entry, found);
      break;
    }
  }
  // The model of an alias depends on the date, so such names are looked up each time.
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
