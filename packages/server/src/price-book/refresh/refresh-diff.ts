/** The changes from the book in force to a newer one, from an instant on. Pure. */
import {
  type BookData,
  type CardData,
  expandCard,
  type ModelData,
  type Provenance,
  type ProviderData,
} from '@farthing/pricing';
import { type PriceChange, rateChanges, wholeChange } from '../changes/rate-changes.ts';
import { withId } from '../compile/card-id.ts';
import type { RefusedModel } from '../compile/genai.ts';
import { indexOf, modelKey, type ProviderHead, type RefreshedModel, resourced } from './refreshed-data.ts';

export interface RefreshPlan {
  readonly changes: readonly PriceChange[];
  /** How many models are new, priced differently, no longer in the table, and as they were. */
  readonly counts: {
    readonly added: number;
    readonly changed: number;
    readonly vanished: number;
    readonly unchanged: number;
  };
  /** The data to store, see `Refresh`. */
  readonly models: readonly RefreshedModel[];
  readonly providers: readonly ProviderHead[];
  readonly sources: readonly Provenance[];
}

interface Comparison {
  readonly current: BookData;
  readonly next: BookData;
  /** Models of the table that could not be read: they stay as they are. */
  readonly refused: readonly RefusedModel[];
  /** From when changed prices hold, Unix milliseconds; -Infinity = always. Prices of models that are new hold always. */
  readonly since: number;
}

/**
 * Compares the prices from `since` on: earlier prices stay part of the model and end at `since`. Models are copied
 * whole, since one tier or region alone would hide the others.
 */
export function planRefresh(comparison: Comparison): RefreshPlan {
  const { current, next, refused } = comparison;
  const sources: Provenance[] = [];
  const changes: PriceChange[] = refused.map(({ meter, value, problem, message, ...model }) =>
    wholeChange({ ...model, ...ANY_CARD }, problem, message, value, meter),
  );
  const counts = { added: 0, changed: 0, vanished: 0, unchanged: 0 };
  const models: RefreshedModel[] = [];
  const unread = new Set(refused.map(({ provider, model }) => `${provider}\0${model}`));
  const before = new Map(current.providers.map((provider) => [provider.id, provider]));
  const keep = (provider: string, data: ModelData, precedes: string | null) =>
    models.push({ provider, data, precedes });

  for (const provider of next.providers) {
    const known = new Map(before.get(provider.id)?.models.map((model) => [modelKey(model), model]));
    for (const [index, model] of provider.models.entries()) {
      if (unread.has(`${provider.id}\0${model.id}`)) continue;
      const found = compareModels(
        comparison,
        sources,
        provider.id,
        known.get(modelKey(model)) ?? null,
        model,
      );
      counts[found.kind] += 1;
      changes.push(...found.changes);
      if (found.kind === 'unchanged') continue;
      const following = provider.models.slice(index + 1).find((one) => known.has(modelKey(one)));
      keep(provider.id, found.data, following === undefined ? null : modelKey(following));
    }
  }
  for (const { provider, model } of gone(comparison, unread)) {
    counts.vanished += 1;
    const message = 'no longer in the table: it would have no price from then on';
    changes.push(wholeChange({ provider, model: model.id, ...ANY_CARD }, 'vanished', message));
    const cards = ended(model.cards, comparison.since);
    keep(provider, { ...model, cards: cards.map((card) => fromCurrent(card, comparison, sources)) }, null);
  }
  const providers = next.providers.map(headOf).filter((head) => {
    const old = before.get(head.id);
    return old === undefined || JSON.stringify(sorted(headOf(old))) !== JSON.stringify(sorted(head));
  });
  return { changes, counts, models, providers, sources };
}

const ANY_CARD = { tier: 'standard', speed: 'standard', region: null } as const;

type Found =
  | { readonly kind: 'unchanged'; readonly changes: readonly [] }
  | {
      readonly kind: 'added' | 'changed';
      readonly changes: readonly PriceChange[];
      readonly data: ModelData;
    };

function compareModels(
  comparison: Comparison,
  sources: Provenance[],
  provider: string,
  old: ModelData | null,
  model: ModelData,
): Found {
  const { since } = comparison;
  const fromNext = (card: CardData) => fromBook(card, comparison.next, sources);
  if (old === null) {
    const changes = model.cards.flatMap((card) =>
      rateChanges(named(card, provider, model.id), null, rates(card)),
    );
    return { kind: 'added', changes, data: { ...model, cards: model.cards.map(fromNext) } };
  }
  const was = groups(open(old.cards, since));
  const is = groups(open(model.cards, since));
  const changed = [...new Set([...was.keys(), ...is.keys()])].filter(
    (group) => text(was.get(group) ?? []) !== text(is.get(group) ?? []),
  );
  const sameRule = JSON.stringify(old.match) === JSON.stringify(model.match);
  if (changed.length === 0 && sameRule) return { kind: 'unchanged', changes: [] };
  const cards: CardData[] = [];
  const changes: PriceChange[] = [];
  for (const group of changed) {
    const [before, after] = [was.get(group) ?? [], is.get(group) ?? []];
    changes.push(...groupChanges(provider, model.id, before, after));
    const starts = before.length > 0 && since !== Number.NEGATIVE_INFINITY;
    const begun = starts ? after.map((card) => beginning(card, since, provider, model.id)) : after;
    cards.push(...begun.map(fromNext));
  }
  const left = old.cards.flatMap((card) => (changed.includes(groupOf(card)) ? ended([card], since) : [card]));
  cards.push(...left.map((card) => fromCurrent(card, comparison, sources)));
  if (changes.length === 0) {
    const message = sameRule ? 'its dates or hours change' : 'the rule for its names changes';
    changes.push(wholeChange({ provider, model: model.id, ...ANY_CARD }, null, message));
  }
  return { kind: 'changed', changes, data: { ...model, cards } };
}

/** Price by price, card by card: a card is compared with the one it replaces. */
function groupChanges(
  provider: string,
  model: string,
  before: readonly CardData[],
  after: readonly CardData[],
): PriceChange[] {
  const changes: PriceChange[] = [];
  const replaced = new Set<CardData>();
  for (const card of after) {
    const old =
      before.find((one) => place(one) === place(card) && (one.from ?? '') === (card.from ?? '')) ??
      before.find((one) => place(one) === place(card)) ??
      before.find((one) => one.region === card.region) ??
      null;
    if (old !== null) replaced.add(old);
    changes.push(...rateChanges(named(card, provider, model), old === null ? null : rates(old), rates(card)));
  }
  for (const card of before) {
    const stays = replaced.has(card) || after.some((one) => one.region === card.region);
    if (!stays) changes.push(wholeChange(named(card, provider, model), 'vanished', 'the card would be gone'));
  }
  return changes;
}

/** The cards that hold at some time from `since` on, without those that earlier ones of the list hide. */
function open(cards: readonly CardData[], since: number): CardData[] {
  const left = cards.filter((card) => time(card.to, Number.POSITIVE_INFINITY) > since);
  const cut = left.map((card): CardData => {
    if (card.from === undefined || Date.parse(card.from) > since) return card;
    const { from: _from, ...rest } = card;
    return rest;
  });
  return cut.filter((card, index) => !cut.slice(0, index).some((earlier) => hides(earlier, card)));
}

function hides(earlier: CardData, card: CardData): boolean {
  return (
    groupOf(earlier) === groupOf(card) &&
    earlier.region === card.region &&
    (earlier.timeOfDay === undefined ||
      JSON.stringify(earlier.timeOfDay) === JSON.stringify(card.timeOfDay)) &&
    time(earlier.from, Number.NEGATIVE_INFINITY) <= time(card.from, Number.NEGATIVE_INFINITY) &&
    time(earlier.to, Number.POSITIVE_INFINITY) >= time(card.to, Number.POSITIVE_INFINITY)
  );
}

/** The cards that held before `since`, ended there. */
function ended(cards: readonly CardData[], since: number): CardData[] {
  if (since === Number.NEGATIVE_INFINITY) return [];
  const to = new Date(since).toISOString();
  return cards
    .filter((card) => time(card.from, Number.NEGATIVE_INFINITY) < since)
    .map((card) => (time(card.to, Number.POSITIVE_INFINITY) <= since ? card : { ...card, to }));
}

/** The card from `since` on, where it does not begin later. */
function beginning(card: CardData, since: number, provider: string, model: string): CardData {
  if (card.from !== undefined && Date.parse(card.from) >= since) return card;
  const { id: _id, ...facts } = card;
  return withId(provider, model, { ...facts, from: new Date(since).toISOString() });
}

function gone({ current, next, since }: Comparison, unread: ReadonlySet<string>) {
  const there = new Set(
    next.providers.flatMap((provider) =>
      provider.models.map((model) => `${provider.id}\0${modelKey(model)}`),
    ),
  );
  return current.providers.flatMap(({ id: provider, models }) =>
    models
      .filter((model) => !there.has(`${provider}\0${modelKey(model)}`))
      .filter((model) => !unread.has(`${provider}\0${model.id}`) && open(model.cards, since).length > 0)
      .map((model) => ({ provider, model })),
  );
}

const fromBook = (card: CardData, book: BookData, sources: Provenance[]): CardData =>
  resourced(card, (at) => indexOf(sources, book.sources[at] ?? UNKNOWN));
const fromCurrent = (card: CardData, { current }: Comparison, sources: Provenance[]) =>
  fromBook(card, current, sources);
const UNKNOWN: Provenance = { table: 'unknown', version: '', date: '' };

const groupOf = (card: CardData) => `${card.tier ?? 'standard'} ${card.speed ?? 'standard'}`;
const place = (card: CardData) => JSON.stringify([card.region ?? null, card.timeOfDay ?? null]);

function groups(cards: readonly CardData[]): Map<string, CardData[]> {
  const made = new Map<string, CardData[]>();
  for (const card of cards) made.set(groupOf(card), [...(made.get(groupOf(card)) ?? []), card]);
  return made;
}

/** The content of cards, without their ids and sources. */
function text(cards: readonly CardData[]): string {
  return JSON.stringify(
    cards.map(({ id: _id, source: _source, ...card }) =>
      sorted({
        ...card,
        rates: sorted(rates({ ...card, id: '' })),
        unpriced: [...(card.unpriced ?? [])].sort(),
      }),
    ),
  );
}

function rates(card: CardData) {
  const { rates: expanded } = expandCard({ ...card, source: 0 }, '', '', Array(MOST_SOURCES).fill(UNKNOWN));
  return Object.fromEntries(
    Object.entries(expanded).map(([meter, { provenance: _provenance, ...rate }]) => [meter, rate]),
  );
}
const MOST_SOURCES = 1000;

const sorted = (value: object) =>
  Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
const named = (card: CardData, provider: string, model: string) => ({
  provider,
  model,
  tier: card.tier ?? 'standard',
  speed: card.speed ?? 'standard',
  region: card.region ?? null,
});
const time = (at: string | undefined, absent: number) => (at === undefined ? absent : Date.parse(at));

function headOf({ models: _models, ...head }: ProviderData): ProviderHead {
  return head;
}
