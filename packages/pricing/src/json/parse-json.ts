/** JSON text → {@link Json}, keeping the digits in which a provider printed its costs. */
import type { Json } from '../usage/usage.ts';

/** Keys whose numbers are money; `JSON.parse` alone would turn 0.0250 into 0.025 and round long fractions. */
const COST_KEYS = new Set(['cost', 'total_cost', 'cost_in_usd_ticks', 'upstream_inference_cost']);

/** What a JSON.parse reviver gets as third argument from Node 21 on. */
interface ReviverContext {
  readonly source?: string;
}

type SourceReviver = (this: unknown, key: string, value: unknown, context?: ReviverContext) => unknown;

/**
 * Parses JSON text. A number under a cost key (`cost`, `total_cost`, `cost_in_usd_ticks`, …) whose printed
 * digits a JavaScript number would lose is returned as text with exactly those digits; everything else is as
 * `JSON.parse` gives it. Needs the reviver's source argument (Node ≥ 21, current browsers); without it a cost
 * is the shortest decimal of its number. Throws SyntaxError like `JSON.parse`.
 *
 * @example parseJson('{"usage":{"cost":0.0250}}') // { usage: { cost: '0.0250' } }
 */
export function parseJson(text: string): Json {
  if (!text.includes('cost')) return JSON.parse(text);
  const keepDigits: SourceReviver = (key, value, context) =>
    typeof value === 'number' &&
    COST_KEYS.has(key) &&
    context?.source !== undefined &&
    context.source !== String(value)
      ? context.source
      : value;
  return JSON.parse(text, keepDigits);
}

/** The same, with null for what is no JSON. */
export function parseOrNull(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}
