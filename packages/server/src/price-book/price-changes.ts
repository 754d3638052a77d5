/** What proposed cards would change, and which of it nobody should accept unseen. Pure. */
import { type Meter, type PriceBook, parseDecimal, type Rate } from '@farthing/pricing';
import { expandRates } from './make-books.ts';
import type { OwnCardRow } from './price-rows.ts';
import type { NewCard } from './store.ts';

/** `jump`: more than 50 % up or down, or to or from nothing. The next two cannot be taken over at all. */
export type PriceProblem = 'jump' | 'not_a_number' | 'negative' | 'unusable' | 'vanished';

export interface PriceChange {
  readonly provider: string;
  readonly model: string;
  readonly tier: string;
  /** Null where the whole card is meant. */
  readonly meter: string | null;
  readonly old_usd: string | null;
  readonly old_per: number | null;
  readonly new_usd: string | null;
  readonly new_per: number | null;
  /** Null = nothing to worry about; else it needs a yes. */
  readonly problem: PriceProblem | null;
  readonly message: string | null;
}

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
  /** The cards that differ from the prices in force: what is to be added. */
  readonly cards: readonly NewCard[];
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
  const changes: PriceChange[] = given.unreadable.map((one) => ({
    ...NOTHING,
    provider: one.provider,
    model: one.model,
    tier: 'standard',
    meter: one.meter,
    new_usd: one.value,
    problem: one.problem,
    message: one.message,
  }));
  const cards: NewCard[] = [];
  for (const card of given.cards) {
    const differences = compare(list, card, at);
    if (differences.length === 0) continue;
    changes.push(...differences);
    cards.push(card);
  }
  const named = new Set(
    [...given.cards, ...given.unreadable].map(({ provider, model }) => `${provider}\0${model}`),
  );
  const vanished = own.filter(
    (row) =>
      given.table !== null &&
      row.provenance.table === given.table &&
      !named.has(`${row.provider}\0${row.model}`),
  );
  for (const { provider, model, tier } of vanished) {
    const message = 'no longer in the table: its card would be taken back';
    changes.push({ ...NOTHING, provider, model, tier, meter: null, problem: 'vanished', message });
  }
  return { changes, cards, vanished };
}

const NOTHING = { old_usd: null, old_per: null, new_usd: null, new_per: null };

function compare(list: PriceBook, card: NewCard, at: number): PriceChange[] {
  const { provider, model, tier, speed, region } = card;
  const from = card.valid_from === null ? at : Math.max(at, Date.parse(card.valid_from));
  const found = list.find({ provider, model, tier, speed, region, at: from });
  const old = found === null || found.tier !== tier || found.region !== region ? {} : found.rates;
  const next = expandRates(card.rates);
  const meters = new Set([...Object.keys(old), ...Object.keys(next)]) as Set<Meter>;
  return [...meters].flatMap((meter) => {
    const [before, after] = [old[meter], next[meter]];
    if (
      before !== undefined &&
      after !== undefined &&
      JSON.stringify(terms(before)) === JSON.stringify(terms(after))
    ) {
      return [];
    }
    const jump = before !== undefined && isJump(before, after);
    const change: PriceChange = {
      provider,
      model,
      tier,
      meter,
      old_usd: before?.usd ?? null,
      old_per: before?.per ?? null,
      new_usd: after?.usd ?? null,
      new_per: after?.per ?? null,
      problem: jump ? 'jump' : null,
      message: jump
        ? after === undefined
          ? 'the price would be gone'
          : 'more than 50 % away from the price in force'
        : null,
    };
    return [change];
  });
}

const terms = ({ usd, per, steps, mode, minimum }: Rate) => {
  const { mantissa, scale } = parseDecimal(usd);
  return [String(mantissa * 10n ** BigInt(60 - scale)), per, steps ?? [], mode ?? 'cliff', minimum ?? 0];
};

/** True where the price of a unit moves by more than half of what it was. */
export function isJump(before: Rate, after: Rate | undefined): boolean {
  if (after === undefined) return true;
  const [a, b] = [parseDecimal(before.usd), parseDecimal(after.usd)];
  const old = a.mantissa * 10n ** BigInt(b.scale) * BigInt(after.per);
  const next = b.mantissa * 10n ** BigInt(a.scale) * BigInt(before.per);
  const change = next > old ? next - old : old - next;
  return 2n * change > old;
}
