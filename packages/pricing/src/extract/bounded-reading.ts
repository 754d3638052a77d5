/** Limits on what a reading may hold, because it becomes a row of the ledger. */

import type { Reading } from '../forms/description/shape.ts';
import type { Anomaly, Json } from '../usage/usage.ts';

/** Longest usage object that is kept as evidence, in characters of JSON. */
const MAX_USAGE_LENGTH = 65_536;
/** Values in it, and how deep they may nest. */
const MAX_USAGE_VALUES = 2_000;
const MAX_USAGE_DEPTH = 32;
/** Billed runs of one response. */
const MAX_SEGMENTS = 1_000;
const MAX_ANOMALIES = 50;
const MAX_SENTENCE = 500;
const MAX_NAME = 256;

/** Code of the anomaly of a usage object, or of a number of billed runs, beyond the bounds. */
export const USAGE_TOO_LARGE = 'usage_too_large';

/**
 * The reading within the bounds. Of a usage object that is too large only the counts are kept. A response with too many
 * billed runs counts as one whose usage could not be read. Both get the anomaly `usage_too_large`.
 */
export function boundedReading(reading: Reading): Reading {
  const large = !isSmall(reading.rawUsage);
  const many = reading.segments.length > MAX_SEGMENTS;
  const { model, responseId, region, convention, anomalies } = reading;
  if (
    !large &&
    !many &&
    fits(model, MAX_NAME) &&
    fits(responseId, MAX_NAME) &&
    fits(region, MAX_NAME) &&
    convention.length <= MAX_SENTENCE &&
    anomalies.length < MAX_ANOMALIES &&
    anomalies.every(({ message }) => message.length <= MAX_SENTENCE)
  ) {
    return reading;
  }
  return {
    ...reading,
    model: fits(model, MAX_NAME) ? model : null,
    responseId: fits(responseId, MAX_NAME) ? responseId : null,
    region: fits(region, MAX_NAME) ? region : null,
    convention: convention.slice(0, MAX_SENTENCE),
    rawUsage: large ? null : reading.rawUsage,
    ...(many ? { segments: [], source: 'none', reportedCost: null, rawUsage: null } : {}),
    anomalies: [
      ...(large || many ? [tooLarge(many)] : []),
      ...anomalies
        .slice(0, MAX_ANOMALIES)
        .map(({ code, message }) => ({ code, message: message.slice(0, MAX_SENTENCE) })),
    ],
  };
}

/** True for a usage object within the bounds. */
function isSmall(usage: Json): boolean {
  const left = { values: MAX_USAGE_VALUES, length: MAX_USAGE_LENGTH };
  return isWithin(usage, left, MAX_USAGE_DEPTH);
}

function isWithin(value: Json | undefined, left: { values: number; length: number }, depth: number): boolean {
  left.values -= 1;
  left.length -= typeof value === 'string' ? value.length + 2 : 5;
  if (left.values < 0 || left.length < 0 || depth < 0) return false;
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) {
    for (const one of value as readonly Json[]) if (!isWithin(one, left, depth - 1)) return false;
    return true;
  }
  for (const [key, member] of Object.entries(value)) {
    left.length -= key.length;
    if (!isWithin(member, left, depth - 1)) return false;
  }
  return true;
}

function fits(text: string | null, most: number): boolean {
  return text === null || text.length <= most;
}

function tooLarge(many: boolean): Anomaly {
  const message = many
    ? `the response has more than ${MAX_SEGMENTS} billed runs; its usage is not read`
    : `the usage object has more than ${MAX_USAGE_VALUES} values or ${MAX_USAGE_LENGTH} characters; its counts are read, it is not kept`;
  return { code: USAGE_TOO_LARGE, message };
}
