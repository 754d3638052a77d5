/** The changes that proposed cards would make, and those that need a confirmation. Pure. */

import type { PriceBook } from '@farthing/pricing';
import { DAY_MS } from '../../clock/lengths.ts';
import { expandRates } from '../make-books.ts';
import type { OwnCardRow } from '../price-rows.ts';
import type { NewCard } from '../store.ts';
import { hiddenRegions } from './hidden-regions.ts';
import { type PriceChange, rateChanges, wholeChange } from './rate-changes.ts';

/** Something in an import that is no price. */
export interface Unreadable {
  readonly provider: string;
  readonly model: string;
  readonly meter: string | null;
  readonly value: string;
  readonly problem: 'not_a_number' | 'negative' | 'unusable';
  readonly message: string;
}

export interface Proposal {
  readonly changes: readonly PriceChange[];
  /** The cards to add: those that differ from the prices in force, and the regional cards to keep with them. */
  readonly cards: readonly NewCard[];
  /** How many of them price something that had no card. */
  readonly added: number;
  /** Own cards of the same table whose model is no longer in it. */
  readonly vanished: readonly OwnCardRow[];
}

/** Compares proposed cards with the book at `at` (Unix milliseconds; a card that begins later is compared then). */
export function propose(
  list: PriceBook,
  own: readonly OwnCardRow[],
  given: {
    readonly cards: readonly NewCard[];
    readonly unreadable: readonly Unreadable[];
    readonly table: string | null;
  },
  at: number,
): Proposal {
  const changes: PriceChange[] = given.unreadable.map(({ provider, model, meter, value, problem, message }) =>
    wholeChange({ provider, model, ...ANY_CARD }, problem, message, value, meter),
  );
  const cards: NewCard[] = [];
  const same: NewCard[] = [];
  const hiddenBy = hiddenRegions(list, given.cards);
  let added = 0;
  for (const card of given.cards) {
    const { isNew, differences } = compare(list, card, at);
    if (differences.length === 0) {
      same.push(card);
      continue;
    }
    if (isNew) added += 1;
    changes.push(...differences, ...hiddenBy(card, begin(card, at)));
    cards.push(card);
  }
  // Without its own card, an unchanged region would get the new price for any region, so its card is added too.
  const everywhere = new Set(cards.filter(({ region }) => region === null).map(seller));
  cards.push(...same.filter((card) => card.region !== null && everywhere.has(seller(card))));
  const named = new Set(
    [...given.cards, ...given.unreadable].map(({ provider, model }) => `${provider}\0${model}`),
  );
  const vanished = own.filter(
    (row) =>
      given.table !== null &&
      row.provenance.table === given.table &&
      !named.has(`${row.provider}\0${row.model}`),
  );
  for (const { provider, model, tier, speed, region } of vanished) {
    const message = 'no longer in the table: its card would be taken back';
    changes.push(wholeChange({ provider, model, tier, speed, region }, 'vanished', message));
  }
  return { changes, cards, vanished, added };
}

/** Key of the calls that a card applies to if its region is left out. */
const seller = ({ provider, model, tier, speed }: NewCard) => [provider, model, tier, speed].join('\0');
const begin = ({ valid_from: from }: NewCard, at: number) =>
  from === null ? at : Math.max(at, Date.parse(from));

const ANY_CARD = { tier: 'standard', speed: 'standard', region: null } as const;

function compare(list: PriceBook, card: NewCard, at: number) {
  const { provider, model, tier, speed, region, time_of_day: window } = card;
  const from = begin(card, at);
  const query = { provider, model, tier, speed, region };
  const found = list.find({ ...query, at: window === null ? from : within(window.start, from) });
  const old = found === null || found.tier !== tier || found.region !== region ? null : found;
  const differences = rateChanges({ ...query }, old?.rates ?? null, expandRates(card.rates));
  const windowed = differences.length === 0 && !sameHours(old?.timeOfDay ?? null, window);
  return {
    isNew: old === null,
    differences: windowed ? [wholeChange({ ...query }, null, 'its hours of the day change')] : differences,
  };
}

/** The next instant from `at` on in which a window of the day has begun. */
function within(start: string, at: number): number {
  const today = Date.parse(`${new Date(at).toISOString().slice(0, 10)}T${start}Z`);
  return today >= at ? today : today + DAY_MS;
}

const sameHours = (a: NewCard['time_of_day'], b: NewCard['time_of_day']) =>
  JSON.stringify([a?.start, a?.end, a?.days ?? null]) === JSON.stringify([b?.start, b?.end, b?.days ?? null]);
