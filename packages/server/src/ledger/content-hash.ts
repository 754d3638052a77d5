/** Content hash: recognises a retry of the same event. */
import { hash } from 'node:crypto';
import type { Json, JsonObject } from '@farthing/pricing';

/** JSON with object keys in code-unit order and absent members left out: equal content gives equal text. */
export function canonicalJson(value: Json | undefined): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null';
    case 'boolean':
      return value ? 'true' : 'false';
    default:
      if (value === null || value === undefined) return 'null';
      return isArray(value) ? canonicalArray(value) : canonicalObject(value);
  }
}

const isArray = (value: Json): value is readonly Json[] => Array.isArray(value);

function canonicalArray(items: readonly Json[]): string {
  let text = '[';
  for (const item of items) text += text.length === 1 ? canonicalJson(item) : `,${canonicalJson(item)}`;
  return `${text}]`;
}

function canonicalObject(members: JsonObject): string {
  let text = '{';
  for (const key of Object.keys(members).sort()) {
    const member = members[key];
    if (member !== undefined)
      text += `${text.length === 1 ? '' : ','}${printedKey(key)}:${canonicalJson(member)}`;
  }
  return `${text}}`;
}

/** Keys as JSON text: there are few and they come again with every event. */
const printedKeys = new Map<string, string>();
const MOST_PRINTED_KEYS = 4_096;

function printedKey(key: string): string {
  let printed = printedKeys.get(key);
  if (printed === undefined) {
    printed = JSON.stringify(key);
    if (printedKeys.size < MOST_PRINTED_KEYS && key.length <= 64) printedKeys.set(key, printed);
  }
  return printed;
}

/**
 * SHA-256 (hex) of what the caller sent, whatever the order of its keys.
 *
 * @example contentHash({ b: 1, a: 2 }) === contentHash({ a: 2, b: 1 })
 */
export function contentHash(sent: Json): string {
  return hash('sha256', canonicalJson(sent), 'hex');
}
