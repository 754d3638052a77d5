/** Checks what callers send before it is read: counts that are no counts, text that no database can hold. */
import { type Json, type JsonObject, LARGEST_QUANTITY } from '@farthing/pricing';
import { isObject } from '@farthing/pricing/extract';
import { findUnstorable } from '../ledger/storable.ts';
import { RejectionError } from '../tenants/attribution/rejection-error.ts';

/** Names under which providers count tokens: `prompt_tokens`, `inputTokens`, `promptTokenCount`, `tokens`. */
const COUNT_NAME = /tokens?(_?count)?$/i;

/**
 * Refuses a usage object in which a token count is negative, fractional, beyond any call or no number: such a count is
 * a mistake in the sender's code, and a guess about it would be charged. 12.0 is 12, null is "not reported".
 *
 * @throws RejectionError `invalid_quantity` with the path of the count.
 */
export function checkCounts(usage: JsonObject, path: string): void {
  for (const [key, value] of Object.entries(usage)) {
    if (value === null || value === undefined) continue;
    const here = `${path}.${key}`;
    if (typeof value === 'object' && key !== 'tokens' && COUNT_NAME.test(key)) {
      throw new RejectionError(
        'invalid_quantity',
        `${key} must be a whole number from 0 on, not ${Array.isArray(value) ? 'a list' : 'an object'}.`,
        here,
      );
    }
    if (Array.isArray(value)) {
      for (const [index, one] of value.entries()) if (isObject(one)) checkCounts(one, `${here}.${index}`);
    } else if (isObject(value)) {
      checkCounts(value, here);
    } else if (COUNT_NAME.test(key) && !isCount(value)) {
      throw new RejectionError(
        'invalid_quantity',
        `${key} must be a whole number from 0 ${isTooLarge(value) ? `to ${LARGEST_QUANTITY}` : 'on'}, not ${shown(value)}.`,
        here,
      );
    }
  }
}

/**
 * Refuses what Postgres cannot hold (NUL, half of a surrogate pair) and `__proto__` as a key.
 *
 * @throws RejectionError `invalid_event` with the path.
 */
export function checkStorable(value: Json | undefined, path: string): void {
  const found = findUnstorable(value, path);
  if (found !== null) throw new RejectionError('invalid_event', found.message, found.path);
}

function isCount(value: Json): boolean {
  if (isTooLarge(value)) return false;
  if (typeof value === 'string') return /^\d{1,15}$/.test(value);
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

const isTooLarge = (value: Json): boolean => Number(value) > LARGEST_QUANTITY;

function shown(value: Json): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value);
}
