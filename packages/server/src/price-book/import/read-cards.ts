/** External tables of prices → cards. An entry that is not a price is skipped with the reason, never guessed. */
import { canonicalProvider, overrideBook, PriceOverrideError } from '@farthing/pricing';
import type { Unreadable } from '../changes/price-changes.ts';
import type { NewCard } from '../store.ts';

export interface ReadCards {
  readonly cards: readonly NewCard[];
  readonly unreadable: readonly Unreadable[];
  /** Prices of the table that no meter of ours counts, or whose meaning it leaves open. */
  readonly skipped: readonly SkippedField[];
}

/** A column that was not read, and why. */
export interface SkippedField {
  readonly field: string;
  readonly reason: string;
  readonly models: number;
  /** Some of them. */
  readonly examples: readonly string[];
}

/** Source of a table; stored on each of its cards. */
export interface TableSource {
  readonly provenance: NewCard['provenance'];
  /** From when its prices hold, RFC 3339; null = always. */
  readonly from: string | null;
}

type Fields = { readonly [key: string]: unknown };

/**
 * Our own form: a list of cards as `COST_PRICING_OVERRIDES` takes them.
 *
 * @example readOwnCards([{ provider: 'openai', model: 'gpt-4o', rates: { input_uncached: '2' } }], source)
 */
export function readOwnCards(value: unknown, source: TableSource): ReadCards {
  const cards: NewCard[] = [];
  const unreadable: Unreadable[] = [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  for (const one of list) {
    const problems = flaws(one);
    if (problems.length === 0) cards.push(cardOf(one as Fields, source));
    else unreadable.push(...problems);
  }
  return { cards, unreadable, skipped: [] };
}

/** A checked card as a row. */
export function cardOf(card: Fields, { provenance, from }: TableSource): NewCard {
  return {
    provider: canonicalProvider(String(card['provider'])),
    model: String(card['model']),
    tier: (card['tier'] ?? 'standard') as NewCard['tier'],
    speed: (card['speed'] ?? 'standard') as NewCard['speed'],
    region: (card['region'] ?? null) as string | null,
    valid_from: (card['from'] ?? from) as string | null,
    valid_to: (card['to'] ?? null) as string | null,
    time_of_day: (card['timeOfDay'] ?? null) as NewCard['time_of_day'],
    rates: card['rates'] as NewCard['rates'],
    unpriced: (card['unpriced'] ?? null) as NewCard['unpriced'],
    provenance,
  };
}

/** The mistakes of a card, by meter where they are prices. */
function flaws(card: unknown): Unreadable[] {
  const fields = typeof card === 'object' && card !== null ? (card as Fields) : {};
  const named = { provider: String(fields['provider'] ?? '?'), model: String(fields['model'] ?? '?') };
  try {
    overrideBook([card], { version: '', date: '', sha256: (text) => text });
  } catch (error) {
    if (!(error instanceof PriceOverrideError)) throw error;
    const rates = fields['rates'];
    const prices = typeof rates === 'object' && rates !== null ? Object.entries(rates) : [];
    const found = prices.flatMap(([meter, rate]): Unreadable[] => {
      const usd: unknown = typeof rate === 'object' && rate !== null ? (rate as Fields)['usd'] : rate;
      const problem = notAPrice(usd);
      return problem === null ? [] : [{ ...named, meter, ...problem }];
    });
    if (found.length > 0) return found;
    return [{ ...named, meter: null, value: '', problem: 'unusable', message: error.problems.join('; ') }];
  }
  return [];
}

function notAPrice(usd: unknown): Pick<Unreadable, 'value' | 'problem' | 'message'> | null {
  const value = String(usd).slice(0, 40);
  if (/^-\s*\d/.test(value)) return { value, problem: 'negative', message: 'a price cannot be negative' };
  if (typeof usd === 'string' && /^\d+(\.\d+)?$/.test(usd)) return null;
  return { value, problem: 'not_a_number', message: 'must be USD as decimal text, such as "0.15"' };
}
