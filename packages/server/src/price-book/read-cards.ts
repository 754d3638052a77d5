/** Tables of prices from outside → cards. What is no price is set aside with the reason, never guessed. */
import {
  canonicalProvider,
  type Meter,
  overrideBook,
  PriceOverrideError,
  parseDecimal,
  printDecimal,
} from '@farthing/pricing';
import type { Unreadable } from './price-changes.ts';
import type { NewCard } from './store.ts';

export interface ReadCards {
  readonly cards: readonly NewCard[];
  readonly unreadable: readonly Unreadable[];
}

/** Where a table comes from; stands on every card of it. */
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
  return { cards, unreadable };
}

function cardOf(card: Fields, { provenance, from }: TableSource): NewCard {
  return {
    provider: canonicalProvider(String(card['provider'])),
    model: String(card['model']),
    tier: (card['tier'] ?? 'standard') as NewCard['tier'],
    speed: (card['speed'] ?? 'standard') as NewCard['speed'],
    region: (card['region'] ?? null) as string | null,
    valid_from: (card['from'] ?? from) as string | null,
    valid_to: (card['to'] ?? null) as string | null,
    rates: card['rates'] as NewCard['rates'],
    provenance,
  };
}

/** The mistakes of a card, by meter where they are prices. */
function flaws(card: unknown): Unreadable[] {
  const fields = typeof card === 'object' && card !== null ? (card as Fields) : {};
  const named = { provider: String(fields['provider'] ?? '?'), model: String(fields['model'] ?? '?') };
  if (fields['timeOfDay'] !== undefined) {
    const message = '"timeOfDay" cannot be kept in the database yet: use COST_PRICING_OVERRIDES';
    return [{ ...named, meter: null, value: '', problem: 'unusable', message }];
  }
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

/** LiteLLM's fields, all per token, and the meters they price. */
const LITELLM: readonly (readonly [string, Meter])[] = [
  ['input_cost_per_token', 'input_uncached'],
  ['output_cost_per_token', 'output_text'],
  ['cache_read_input_token_cost', 'input_cache_read'],
  ['cache_creation_input_token_cost', 'input_cache_write_5m'],
  ['cache_creation_input_token_cost_above_1hr', 'input_cache_write_1h'],
  ['input_cost_per_audio_token', 'input_audio'],
  ['output_cost_per_audio_token', 'output_audio'],
  ['output_cost_per_reasoning_token', 'output_reasoning'],
];

/** LiteLLM's `model_prices_and_context_window.json`: prices per token by model; tiers and thresholds are not read. */
export function readLiteLlm(value: unknown, source: TableSource): ReadCards {
  const cards: NewCard[] = [];
  const unreadable: Unreadable[] = [];
  const models = typeof value === 'object' && value !== null ? Object.entries(value as Fields) : [];
  for (const [name, given] of models) {
    if (name === 'sample_spec' || typeof given !== 'object' || given === null) continue;
    const fields = given as Fields;
    const provider = canonicalProvider(String(fields['litellm_provider'] ?? 'unknown'));
    const model = name.startsWith(`${String(fields['litellm_provider'])}/`)
      ? name.slice(name.indexOf('/') + 1)
      : name;
    const rates: { [meter: string]: string } = {};
    let broken = false;
    for (const [field, meter] of LITELLM) {
      const price = fields[field];
      if (price === undefined || price === null) continue;
      const usd = perMillion(price);
      if (usd !== null) rates[meter] = usd;
      else {
        broken = true;
        const negative = typeof price === 'number' && price < 0;
        const problem = negative ? 'negative' : 'not_a_number';
        unreadable.push({
          provider,
          model,
          meter,
          value: String(price).slice(0, 40),
          problem,
          message: `${field} is no price`,
        });
      }
    }
    if (!broken && Object.keys(rates).length > 0) cards.push(cardOf({ provider, model, rates }, source));
  }
  return { cards, unreadable };
}

/** USD per token as JSON printed it → decimal text per million; null for what is no price. */
function perMillion(price: unknown): string | null {
  const text = typeof price === 'number' || typeof price === 'string' ? String(price) : '';
  if (!/^\d+(\.\d+)?(e[+-]?\d{1,2})?$/i.test(text)) return null;
  const { mantissa, scale } = parseDecimal(text);
  return printDecimal({ mantissa: mantissa * 1_000_000n, scale });
}
