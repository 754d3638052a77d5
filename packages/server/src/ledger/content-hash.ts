/** Content hash: recognises a retry of the same event. */
import { createHash } from 'node:crypto';
import type { Json } from '@farthing/pricing';

/** JSON with object keys in code-point order and absent members left out: equal content gives equal text. */
export function canonicalJson(value: Json | undefined): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value !== 'object') return JSON.stringify(value);
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(member)}`);
  }
  return `{${members.join(',')}}`;
}

const isArray = (value: Json): value is readonly Json[] => Array.isArray(value);

/**
 * SHA-256 (hex) of what the caller sent, whatever the order of its keys.
 *
 * @example contentHash({ b: 1, a: 2 }) === contentHash({ a: 2, b: 1 })
 */
export function contentHash(sent: Json): string {
  return createHash('sha256').update(canonicalJson(sent)).digest('hex');
}
