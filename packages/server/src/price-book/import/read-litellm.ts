/** LiteLLM's `model_prices_and_context_window.json` → cards: US dollars per single unit, one entry per model. */
import {
  canonicalProvider,
  type Meter,
  parseDecimal,
  printDecimal,
  type RateData,
  usualPer,
} from '@farthing/pricing';
import type { Unreadable } from '../changes/price-changes.ts';
import { multiplyDecimalTexts } from '../compile/derive.ts';
import type { NewCard } from '../store.ts';
import {
  FIELDS,
  isAbout,
  nameOf,
  reasonFor,
  THRESHOLDS,
  TIER_SUFFIXES,
  type TierSuffix,
  thresholdFrom,
} from './litellm-columns.ts';
import { cardOf, type ReadCards, type SkippedField, type TableSource } from './read-cards.ts';

type Fields = { readonly [key: string]: unknown };
type Rates = { [M in Meter]?: RateData };

/**
 * Reads every column that one of our meters counts: token prices of all tiers, long context, cache writes of both
 * durations, audio and image tokens, seconds, characters, images, pages, searches, sessions. Columns that are not read
 * are in `skipped` with the reason.
 *
 * @example readLiteLlm({ 'gpt-4o': { litellm_provider: 'openai', mode: 'chat', input_cost_per_token: 2.5e-6 } }, source)
 */
export function readLiteLlm(value: unknown, source: TableSource): ReadCards {
  const cards: NewCard[] = [];
  const unreadable: Unreadable[] = [];
  const skipped = new Map<string, { field: string; reason: string; models: string[] }>();
  const skip = (field: string, reason: string, model: string) => {
    const known = skipped.get(`${field}\0${reason}`) ?? { field, reason, models: [] };
    skipped.set(`${field}\0${reason}`, known);
    known.models.push(model);
  };
  const seen = new Map<string, string>();
  /** Several entries can name one model (`azure/…`, `azure_ai/…`): the first one counts. */
  const keep = (card: NewCard, key: string) => {
    const place = [card.provider, card.model, card.tier, card.speed, card.region].join('\0').toLowerCase();
    const rates = JSON.stringify(card.rates);
    const known = seen.get(place);
    if (known === undefined) cards.push(card);
    else if (known !== rates) skip('(whole entry)', 'another entry prices the same model otherwise', key);
    seen.set(place, known ?? rates);
  };
  const models = typeof value === 'object' && value !== null ? Object.entries(value as Fields) : [];
  for (const [key, given] of models) {
    if (key === 'sample_spec' || typeof given !== 'object' || given === null) continue;
    const entry = createEntry(key, given as Fields, (field, reason) => skip(field, reason, key));
    const flaws = entry.flaws();
    if (flaws.length > 0) unreadable.push(...flaws);
    else for (const card of entry.cards()) keep(cardOf(card, source), key);
  }
  return { cards, unreadable, skipped: [...skipped.values()].map(summary) };
}

const summary = ({
  field,
  reason,
  models,
}: {
  field: string;
  reason: string;
  models: string[];
}): SkippedField => ({
  field,
  reason,
  models: models.length,
  examples: models.slice(0, 3),
});

function createEntry(key: string, fields: Fields, skip: (field: string, reason: string) => void) {
  const provider = canonicalProvider(isAbout(String(fields['litellm_provider'] ?? 'unknown')));
  const named = nameOf(provider, key, String(fields['litellm_provider'] ?? ''));

  /** Prices that are no numbers, or negative: the whole entry is set aside. */
  function flaws(): Unreadable[] {
    return Object.entries(fields).flatMap(([field, price]): Unreadable[] => {
      const meter = meterOf(field, fields);
      if (meter === null || price === null || price === undefined || perUnit(price) !== null) return [];
      const problem = typeof price === 'number' && price < 0 ? 'negative' : 'not_a_number';
      const said = {
        provider,
        model: named.model ?? key,
        meter,
        value: String(price).slice(0, 40),
        problem,
      } as const;
      return [{ ...said, message: `${field} is no price` }];
    });
  }

  function cards(): Fields[] {
    if (named.model === null) {
      skip('(whole entry)', named.reason);
      return [];
    }
    for (const field of Object.keys(fields)) {
      const reason = reasonFor(field, fields);
      if (reason !== null) skip(field, reason);
    }
    const standard = { ...ratesOf('', fields, provider), ...feesOf(fields, skip) };
    const made: Fields[] = [];
    const base = { provider, model: named.model, ...(named.region === null ? {} : { region: named.region }) };
    for (const [suffix, tier] of TIER_SUFFIXES) {
      const rates = suffix === '' ? standard : ratesOf(suffix, fields, provider);
      if (Object.keys(rates).length === 0) continue;
      if (isAllZero(rates)) {
        skip('(prices of 0)', 'free and unknown look the same');
        continue;
      }
      const unpriced = suffix === '' ? [] : missing(standard, rates);
      made.push({ ...base, tier, rates, ...(unpriced.length === 0 ? {} : { unpriced }) });
    }
    return [...made, ...uplifted(made, fields, skip)];
  }
  return { flaws, cards };
}

/** The meter that a column prices in this entry; null if we do not read it as a price. */
function meterOf(field: string, fields: Fields): Meter | null {
  for (const [suffix] of TIER_SUFFIXES) {
    if (suffix !== '' && !field.endsWith(suffix)) continue;
    const untiered = field.slice(0, field.length - suffix.length);
    const base = untiered.replace(/_above_\d+k_tokens$/, '');
    const found = FIELDS.find((one) => one.field === base && one.applies(fields));
    if (found !== undefined) return found.meter;
  }
  return null;
}

function ratesOf(suffix: TierSuffix, fields: Fields, provider: string): Rates {
  const rates: Rates = {};
  for (const { field, meter, applies, cache } of FIELDS) {
    if (!applies(fields) || rates[meter] !== undefined) continue;
    const usd = scaled(fields[`${field}${suffix}`], meter);
    // In this table a cache price of 0 means unknown.
    if (usd === null || (cache && usd === '0')) continue;
    const steps = stepsOf(field, suffix, meter, fields, provider);
    rates[meter] = steps.length === 0 ? usd : { usd, steps };
  }
  return suffix === '' && rates.input_uncached === undefined ? { ...rates, ...tiered(fields) } : rates;
}

function stepsOf(field: string, suffix: string, meter: Meter, fields: Fields, provider: string) {
  return THRESHOLDS.flatMap((thousands) => {
    const usd = scaled(fields[`${field}_above_${thousands}k_tokens${suffix}`], meter);
    return usd === null ? [] : [{ from: thresholdFrom(provider, thousands), usd }];
  });
}

/** `tiered_pricing`: prices by ranges of context, each from its lower end on. */
function tiered(fields: Fields): Rates {
  const ranges: readonly unknown[] = Array.isArray(fields['tiered_pricing']) ? fields['tiered_pricing'] : [];
  const rates: Rates = {};
  for (const { field, meter } of FIELDS) {
    const points = ranges.flatMap((one) => {
      const range = (one ?? {}) as Fields;
      const from = Array.isArray(range['range']) ? Number(range['range'][0]) : Number.NaN;
      const usd = scaled(range[field], meter);
      return usd === null || !Number.isSafeInteger(from) || from < 0 ? [] : [{ from, usd }];
    });
    const [first, ...steps] = points.sort((a, b) => a.from - b.from);
    if (first === undefined || first.from !== 0) continue;
    rates[meter] = steps.length === 0 ? first.usd : { usd: first.usd, steps };
  }
  return rates;
}

/** Fees per search and session; they do not depend on the tier. */
function feesOf(fields: Fields, skip: (field: string, reason: string) => void): Rates {
  const searches = fields['search_context_cost_per_query'];
  if (typeof searches !== 'object' || searches === null) return {};
  const prices = [
    ...new Set(Object.values(searches as Fields).map((price) => scaled(price, 'web_searches'))),
  ];
  const [only] = prices;
  if (prices.length === 1 && typeof only === 'string' && only !== '0') return { web_searches: only };
  skip(
    'search_context_cost_per_query',
    'the price depends on the size of the search context, which no response counts',
  );
  return {};
}

/** Regional and fast prices, which the table states as multipliers. */
function uplifted(
  cards: readonly Fields[],
  fields: Fields,
  skip: (field: string, reason: string) => void,
): Fields[] {
  const made: Fields[] = [];
  const [eu, us] = ['eu', 'us'].map((zone) => fields[`regional_processing_uplift_multiplier_${zone}`]);
  if (typeof eu === 'number' && eu === us)
    made.push(...cards.map((card) => times(card, eu, { region: 'regional' })));
  else if (eu !== undefined || us !== undefined) {
    skip('regional_processing_uplift_multiplier', 'regions of different prices are not one region class');
  }
  const specific = fields['provider_specific_entry'];
  const { us: geo, fast } = (typeof specific === 'object' && specific !== null ? specific : {}) as Fields;
  const [standard] = cards.filter((card) => card['tier'] === 'standard');
  if (standard === undefined) return made;
  if (typeof geo === 'number') made.push(times(standard, geo, { region: 'us' }));
  if (typeof fast === 'number') made.push(times(standard, fast, { speed: 'fast' }));
  return made;
}

function times(card: Fields, factor: number, changed: Fields): Fields {
  const product = (usd: string) => multiplyDecimalTexts(usd, String(factor));
  const rates = Object.entries(card['rates'] as Rates).map(([meter, rate]): [string, RateData] => {
    if (meter === 'web_searches' || meter === 'code_sessions') return [meter, rate];
    if (typeof rate === 'string') return [meter, product(rate)];
    const steps = (rate.steps ?? []).map((step) => ({ ...step, usd: product(step.usd) }));
    return [meter, { ...rate, usd: product(rate.usd), steps }];
  });
  return { ...card, ...changed, rates: Object.fromEntries(rates) };
}

/** Meters with a price in the standard tier and none in this one: they are unknown there, not as dear as plain ones. */
function missing(standard: Rates, rates: Rates): Meter[] {
  const finer = (Object.keys(standard) as Meter[]).filter((meter) => rates[meter] === undefined);
  return finer.filter((meter) => meter !== 'web_searches' && meter !== 'code_sessions');
}

const isAllZero = (rates: Rates) =>
  Object.values(rates).every((rate) => (typeof rate === 'string' ? rate : rate.usd) === '0');

/** USD per unit as the table prints it → decimal text per the usual unit of the meter; null for what is no price. */
function scaled(price: unknown, meter: Meter): string | null {
  const unit = perUnit(price);
  return unit === null ? null : printDecimal({ ...unit, mantissa: unit.mantissa * BigInt(usualPer(meter)) });
}

/** Binary noise of the table's arithmetic (1.0000000000000001e-06) is cut at twelve digits. */
function perUnit(price: unknown) {
  const text =
    typeof price === 'number'
      ? String(Number(price.toPrecision(12)))
      : typeof price === 'string'
        ? price
        : '';
  return /^\d+(\.\d+)?(e[+-]?\d{1,2})?$/i.test(text) ? parseDecimal(text) : null;
}
