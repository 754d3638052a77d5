/** How FOCUS 1.2 wants values written. Each answers what is wrong, or null. */

import { PRICE_PROPERTIES } from './allowed.ts';
import { COLUMN_RULES, type ColumnRule } from './columns.ts';

/** `-1.5`, `35.2E-7`; no sign before a positive number or exponent, no separators. */
const NUMBER = /^-?\d+(\.\d+)?(E-?\d+)?$/;
/** Longer numbers are not multiplied. */
const MAX_DIGITS = 64;
const TIME = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;
const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));
/** Words that mean "no value": an empty value must be left empty. */
const PLACEHOLDERS = new Set(['not applicable', 'n/a', 'null', 'undefined', 'nan']);

/** What is wrong with one value of a column, null where nothing is. */
export function valueFault(name: string, value: string, rule: ColumnRule): string | null {
  if (PLACEHOLDERS.has(value.trim().toLowerCase())) return `"${value}" stands for no value: leave it empty`;
  switch (rule.type) {
    case 'decimal':
      if (!NUMBER.test(value) || value.length > MAX_DIGITS || /E-?\d{3,}$/.test(value))
        return `"${value}" is not a number as FOCUS writes it`;
      return rule.notNegative === true && value.startsWith('-') ? `"${value}" is negative` : null;
    case 'time':
      return TIME.test(value) && isDay(value)
        ? null
        : `"${value}" is not a time as 2026-11-22T00:00:00Z, in UTC`;
    case 'pairs':
      return pairsFault(name, value);
    case 'text':
      return textFault(value, rule);
  }
}

/** A day that exists in its month: JavaScript moves other days into the next month. */
const isDay = (value: string) => new Date(value).toISOString().startsWith(value.slice(0, 19));

function textFault(value: string, { allowed, form, required }: ColumnRule): string | null {
  if (allowed !== undefined) {
    return allowed.includes(value) ? null : `"${value}" is none of ${listed(allowed)}`;
  }
  if (form === 'currency') return CURRENCIES.has(value) ? null : `"${value}" is no currency of ISO 4217`;
  return required === true && value.trim() === '' ? 'is made of spaces' : null;
}

const listed = (values: readonly string[]) =>
  values.length > 8 ? `the ${values.length} allowed values` : values.join(', ');

/** A flat object of texts, numbers, true, false and null, each key once. */
function pairsFault(name: string, value: string): string | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    return 'is not JSON';
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return 'is not an object of JSON';
  const entries = Object.entries(parsed);
  const nested = entries.find(([, one]) => typeof one === 'object' && one !== null);
  if (nested !== undefined) return `"${nested[0]}" holds an object or a list`;
  // JSON.parse keeps only one of two equal keys. A flat object has as many keys as texts before a colon.
  const keys = [...value.matchAll(/"(?:[^"\\]|\\.)*"\s*(:)?/g)].filter(([, colon]) => colon !== undefined);
  if (keys.length !== entries.length) return 'names a key twice';
  return name === 'SkuPriceDetails' ? propertiesFault(entries) : null;
}

function propertiesFault(entries: readonly (readonly [string, unknown])[]): string | null {
  for (const [key, value] of entries) {
    if (key.startsWith('x_')) continue;
    const type = Object.hasOwn(PRICE_PROPERTIES, key) ? PRICE_PROPERTIES[key] : undefined;
    if (type === undefined) return `"${key}" is no property of FOCUS and does not begin with x_`;
    if (typeof value !== type && value !== null) return `"${key}" has to be a ${type}`;
  }
  return null;
}

const TIMES = ['Year', 'Month', 'Day', 'Hour', 'Minute', 'Second'];
const SIZE = /^[KMGTPE]?i?[bB]$/;
const COUNT = /^\p{Lu}[\p{L}\p{N}]*( \p{Lu}[\p{L}\p{N}]*)*$/u;

/** "1000000 Tokens", "GB-Hours", "Requests/Day", "Units/3 Months". */
export function unitFault(value: string): string | null {
  const match = /^(?:(\d+) )?([^/-]+)(?:-([^/-]+)|\/(?:(\d+) )?([^/-]+))?$/.exec(value);
  const [, , unit = '', by, interval, every] = match ?? [];
  const isUnit = SIZE.test(unit) || (COUNT.test(unit) && !misspelt(unit));
  const isBy = by === undefined || TIMES.some((one) => by === `${one}s`);
  const isEvery =
    every === undefined || TIMES.includes(interval === undefined ? every : every.replace(/s$/, ''));
  return match !== null && isUnit && isBy && isEvery
    ? null
    : `"${value}" is not a unit such as "1000000 Tokens"`;
}

/** Units of count and time are plural; these are the ones that FOCUS lists. */
const misspelt = (unit: string) =>
  [...TIMES, 'Unit', 'Request', 'Token', 'Connection', 'Certificate', 'Domain', 'Core'].includes(unit);

/** The rule of a column of FOCUS; undefined for a column that is not. */
export const ruleOf = (name: string): ColumnRule | undefined =>
  Object.hasOwn(COLUMN_RULES, name) ? COLUMN_RULES[name] : undefined;
