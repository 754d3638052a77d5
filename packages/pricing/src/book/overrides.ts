/** A price book of an installation's own prices, to lay over the installed one with {@link stackBooks}. */

import { isMeter } from '../usage/meters.ts';
import { SERVICE_TIERS } from '../usage/usage.ts';
import { createPriceBook } from './book.ts';
import { type BookData, type CardData, cardContent, expandCard, type ProviderData } from './book-data.ts';
import type { PriceBook, Provenance } from './price-book.ts';
import { canonicalProvider } from './providers.ts';

/** The overrides say something impossible. Names every card at fault and what it should say. */
export class PriceOverrideError extends Error {
  override readonly name = 'PriceOverrideError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`The price overrides are not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

export interface OverrideOptions {
  /** Names the book in every charge it makes. */
  readonly version: string;
  /** Date of the overrides, `YYYY-MM-DD`. */
  readonly date: string;
  /** Hex SHA-256 of a text; this package computes none itself. */
  readonly sha256: (text: string) => string;
  /** The source of the card at this position in the list; without one, `override` and the date. */
  readonly provenance?: (position: number) => Provenance | undefined;
  /** Models whose names an override of the same provider and model takes over, and the classes of their regions. */
  readonly known?: readonly ProviderData[];
}

type Fields = { readonly [key: string]: unknown };

const CARD_KEYS = new Set([
  'provider',
  'model',
  'from',
  'to',
  'timeOfDay',
  'tier',
  'speed',
  'region',
  'rates',
  'unpriced',
]);
const RATE_KEYS = new Set(['usd', 'per', 'steps', 'mode', 'minimum', 'increment']);
const SPEEDS = ['standard', 'fast'];
const DECIMAL = /^\d+(\.\d+)?$/;

/**
 * Reads overrides: a list of cards, each complete for its model, tier, speed and region; without a region it holds in
 * every one, whatever the book below says of single regions. Prices are decimal text, per the usual unit of the meter. Refuses what is no price with a {@link PriceOverrideError}; a card with a
 * mistake never half applies.
 *
 * @example overrideBook([{ provider: 'openai', model: 'gpt-4o', rates: { input_uncached: '2', output_text: '8' } }], options)
 */
export function overrideBook(value: unknown, options: OverrideOptions): PriceBook {
  const problems: string[] = [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  if (!Array.isArray(value)) problems.push('must be a list of cards: [{"provider","model","rates"}]');
  for (const [index, one] of list.entries()) checkCard(one, `card ${index + 1}`, problems);
  if (problems.length > 0) throw new PriceOverrideError(problems);
  return createPriceBook(dataOf(list as readonly CheckedCard[], options));
}

/** A card that has passed {@link checkCard}. */
type CheckedCard = Omit<CardData, 'id' | 'source'> & { readonly provider: string; readonly model: string };

function dataOf(
  cards: readonly CheckedCard[],
  { version, date, sha256, provenance, known = [] }: OverrideOptions,
): BookData {
  const sources = cards.map((_, position) => provenance?.(position) ?? { table: 'override', version, date });
  const providers = new Map<string, Map<string, CardData[]>>();
  for (const [source, { provider, model, ...facts }] of cards.entries()) {
    const id = canonicalProvider(provider);
    const content = cardContent(expandCard({ ...facts, id: '', source }, id, model, sources));
    const models = providers.get(id) ?? new Map<string, CardData[]>();
    models.set(model, [...(models.get(model) ?? []), { ...facts, id: sha256(content).slice(0, 20), source }]);
    providers.set(id, models);
  }
  return {
    version,
    sources,
    providers: [...providers].map(([id, models]) => ({
      id,
      // An own card for a class of regions applies in the same regions as the card that it replaces.
      ...classesOf(known, id),
      models: [...models].map(([model, own]) => ({ id: model, match: ruleOf(known, id, model), cards: own })),
    })),
  };
}

function classesOf(known: readonly ProviderData[], provider: string): Pick<ProviderData, 'regionClasses'> {
  const regionClasses = known.find(({ id }) => id === provider)?.regionClasses;
  return regionClasses === undefined ? {} : { regionClasses };
}

function ruleOf(known: readonly ProviderData[], provider: string, model: string) {
  const sold = known.find((one) => one.id === provider);
  for (const id of [provider, ...(sold?.fallback ?? [])]) {
    const models = known.find((one) => one.id === id)?.models ?? [];
    const found = models.find((one) => one.id.toLowerCase() === model.toLowerCase());
    if (found !== undefined) return found.match;
  }
  return { equals: model };
}

function checkCard(value: unknown, where: string, problems: string[]): void {
  if (!isFields(value)) {
    problems.push(`${where}: must be an object`);
    return;
  }
  const fail = (text: string) => problems.push(`${where}: ${text}`);
  for (const key of Object.keys(value)) if (!CARD_KEYS.has(key)) fail(`"${key}" is not a field of a card`);
  for (const key of ['provider', 'model']) {
    if (typeof value[key] !== 'string' || value[key] === '') fail(`"${key}" must be a name`);
  }
  for (const key of ['from', 'to']) {
    const at = value[key];
    if (at !== undefined && !isInstant(at)) fail(`"${key}" must be an instant such as 2026-11-01T00:00:00Z`);
  }
  checkChoice(value, 'tier', SERVICE_TIERS, fail);
  checkChoice(value, 'speed', SPEEDS, fail);
  if (value['region'] !== undefined && typeof value['region'] !== 'string') fail('"region" must be a name');
  if (value['timeOfDay'] !== undefined && !isTimeOfDay(value['timeOfDay'])) {
    fail('"timeOfDay" must be {"start":"HH:MM:SS","end":"HH:MM:SS"}');
  }
  const { unpriced } = value;
  if (unpriced !== undefined && !(Array.isArray(unpriced) && unpriced.every((one) => isMeter(String(one))))) {
    fail('"unpriced" must be a list of meters');
  }
  const rates = value['rates'];
  if (!isFields(rates) || Object.keys(rates).length === 0) {
    fail('"rates" must name at least one meter, such as {"input_uncached":"2.5"}');
    return;
  }
  for (const [meter, rate] of Object.entries(rates)) {
    if (!isMeter(meter)) fail(`"${meter}" is not a meter`);
    checkRate(rate, (text) => fail(`${meter} ${text}`));
  }
}

function checkChoice(
  value: Fields,
  key: string,
  allowed: readonly string[],
  fail: (text: string) => void,
): void {
  const chosen = value[key];
  if (chosen !== undefined && !(typeof chosen === 'string' && allowed.includes(chosen))) {
    fail(`"${key}" must be one of ${allowed.join(', ')}`);
  }
}

function checkRate(rate: unknown, fail: (text: string) => void): void {
  if (isDecimal(rate)) return;
  if (!isFields(rate) || !isDecimal(rate['usd'])) {
    fail('must be USD as decimal text, such as "0.15"');
    return;
  }
  for (const key of Object.keys(rate)) if (!RATE_KEYS.has(key)) fail(`: "${key}" is not a field of a rate`);
  if (rate['per'] !== undefined && !isCount(rate['per'])) fail(': "per" must be a whole number above 0');
  const { steps, minimum } = rate;
  if (minimum !== undefined && !(typeof minimum === 'number' && minimum > 0))
    fail(': "minimum" must be above 0');
  if (rate['increment'] !== undefined && !isCount(rate['increment'])) {
    fail(': "increment" must be a whole number above 0');
  }
  checkChoice(rate, 'mode', ['cliff', 'marginal'], (text) => fail(`: ${text}`));
  const isStep = (step: unknown) => isFields(step) && isCount(step['from']) && isDecimal(step['usd']);
  if (steps !== undefined && !(Array.isArray(steps) && steps.every(isStep))) {
    fail(': "steps" must be [{"from":200001,"usd":"2.5"}]');
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDecimal(value: unknown): boolean {
  return typeof value === 'string' && value.length <= 40 && DECIMAL.test(value);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isInstant(value: unknown): boolean {
  return (
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) && !Number.isNaN(Date.parse(value))
  );
}

function isTimeOfDay(value: unknown): boolean {
  const time = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/;
  if (!isFields(value)) return false;
  const { start, end, days } = value;
  const right = typeof start === 'string' && time.test(start) && typeof end === 'string' && time.test(end);
  return (
    right && (days === undefined || (Array.isArray(days) && days.every((day) => isCount(day) && day <= 7)))
  );
}
