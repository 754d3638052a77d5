/** The installed book's data with the refreshes over it: a refreshed model replaces the one of the same name. Pure. */
import type { BookData, CardData, ModelData, Provenance, ProviderData, RateData } from '@farthing/pricing';

/** A provider without its models. */
export type ProviderHead = Omit<ProviderData, 'models'>;

export interface RefreshedModel {
  readonly provider: string;
  /** All cards of the model, past ones too; they point into the sources of the refresh. */
  readonly data: ModelData;
  /** The model of the same provider before which a new one is inserted: names are matched in this order. */
  readonly precedes: string | null;
}

/** The changes of one refresh. */
export interface Refresh {
  readonly id: string;
  /** Version of the book that the table compiled to. */
  readonly book: string;
  readonly sources: readonly Provenance[];
  readonly providers: readonly ProviderHead[];
  readonly models: readonly RefreshedModel[];
}

/** The data with the refreshes over it, oldest first. Those that the installed book has overtaken are left out. */
export function refreshedData(installed: BookData, refreshes: readonly Refresh[]): BookData {
  const wanted = refreshes.filter((refresh) => !isOvertaken(installed.version, refresh.book));
  const last = wanted.at(-1);
  if (last === undefined) return installed;
  const sources = [...installed.sources];
  const providers = new Map(installed.providers.map((provider) => [provider.id, provider]));
  for (const refresh of wanted) {
    for (const head of refresh.providers) {
      providers.set(head.id, { ...head, models: providers.get(head.id)?.models ?? [] });
    }
    const indexes = refresh.sources.map((source) => indexOf(sources, source));
    for (const { provider: id, data, precedes } of refresh.models) {
      const provider = providers.get(id) ?? { id, models: [] };
      const model = { ...data, cards: data.cards.map((card) => resourced(card, (at) => indexes[at] ?? 0)) };
      providers.set(id, { ...provider, models: placed(provider.models, model, precedes) });
    }
  }
  return { version: `${installed.version}+refresh@${last.id}`, sources, providers: [...providers.values()] };
}

/** Names a model within its provider. */
export const modelKey = ({ id, extends: base }: Pick<ModelData, 'id' | 'extends'>): string =>
  base === undefined ? id : `${id} of ${base}`;

function placed(models: readonly ModelData[], model: ModelData, precedes: string | null): ModelData[] {
  const key = modelKey(model);
  const at = models.findIndex((one) => modelKey(one) === key);
  if (at >= 0) return models.toSpliced(at, 1, model);
  const before = precedes === null ? -1 : models.findIndex((one) => modelKey(one) === precedes);
  return before < 0 ? [...models, model] : models.toSpliced(before, 0, model);
}

/** The card with its sources renumbered. */
export function resourced(card: CardData, indexOf: (source: number) => number): CardData {
  const rates = Object.fromEntries(
    Object.entries(card.rates).map(([meter, rate]): [string, RateData] =>
      typeof rate === 'string' || rate.source === undefined
        ? [meter, rate]
        : [meter, { ...rate, source: indexOf(rate.source) }],
    ),
  );
  return { ...card, rates, source: indexOf(card.source ?? 0) };
}

/** Index of a provenance in a list; appended if missing. */
export function indexOf(sources: Provenance[], source: Provenance): number {
  const text = JSON.stringify(source);
  const known = sources.findIndex((one) => JSON.stringify(one) === text);
  return known >= 0 ? known : sources.push(source) - 1;
}

/**
 * True where a release's book is newer than what a refresh was made from: its prices are the better ones then.
 *
 * @example isOvertaken('genai-prices@0.2.0+farthing@2027-01-02+9c1b77e0', 'genai-prices@0.1.9+farthing@2026-11-20+3f2a91c4') === true
 */
export function isOvertaken(installed: string, refreshed: string): boolean {
  const [ours, theirs] = [partsOf(installed), partsOf(refreshed)];
  const table = byNumbers(ours.table, theirs.table);
  const own = ours.own < theirs.own ? -1 : ours.own > theirs.own ? 1 : 0;
  return table >= 0 && own >= 0 && (table > 0 || own > 0);
}

function partsOf(version: string) {
  const [, table = '0', own = ''] = /^[^@]*@([\d.]+)[^+]*(?:\+farthing@([\d-]+))?/.exec(version) ?? [];
  return { table: table.split('.').map(Number), own };
}

function byNumbers(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
