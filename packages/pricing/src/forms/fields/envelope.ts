/** Fields beside the counts in most bodies: creation time, service tier, the provider's own cost. */

import { get, getName, getObject } from '../../json/members.ts';
import { parseDecimal, printDecimal } from '../../money/money.ts';
import type { Anomaly, Json, JsonObject, Operation, ReportedCost, ServiceTier } from '../../usage/usage.ts';
import type { Reading } from '../description/shape.ts';

const EARLIEST = Date.UTC(2020, 0, 1) / 1000;
const LATEST = Date.UTC(2100, 0, 1) / 1000;

/** Unix seconds from 2020 to 2100, whole; anything else is no creation time. */
export function plausibleTime(value: Json | undefined): number | null {
  if (typeof value !== 'number' || !Number.isFinite(value)) return null;
  return value >= EARLIEST && value < LATEST ? Math.floor(value) : null;
}

/** Unix seconds of an RFC 3339 time, or null. */
export function secondsOf(value: Json | undefined): number | null {
  if (typeof value !== 'string' || !/^20[2-9]\d-\d\d-\d\dT/.test(value)) return null;
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : Math.floor(time / 1000);
}

/** A decimal number from 0 on, the exponent within bounds. */
const AMOUNT = /^\d+(\.\d+)?([eE][+-]?\d{1,2})?$/;

const TIERS: ReadonlyMap<string, ServiceTier> = new Map([
  ['auto', 'standard'],
  ['default', 'standard'],
  ['standard', 'standard'],
  ['standard_only', 'standard'],
  ['on_demand', 'standard'],
  ['on_demand_flex', 'flex'],
  ['on_demand_priority', 'priority'],
  ['provisioned_throughput', 'scale'],
  ['reserved', 'scale'],
  ['batch', 'batch'],
  ['flex', 'flex'],
  ['priority', 'priority'],
  ['fast', 'priority'],
  ['performance', 'priority'],
  ['scale', 'scale'],
]);

/** The served tier from the provider's name for it; null = not stated. An unknown name is null with an anomaly. */
export function readTier(value: Json | undefined, anomalies: Anomaly[]): ServiceTier | null {
  if (value === undefined || value === null) return null;
  const tier = typeof value === 'string' ? TIERS.get(value.toLowerCase()) : undefined;
  if (tier !== undefined) return tier;
  const word = typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : typeof value;
  anomalies.push({ code: 'unknown_tier', message: `service tier ${word} is not known; priced as standard` });
  return null;
}

/**
 * The cost a provider states in its usage object: `cost` (OpenRouter and others), `cost.total_cost`
 * (Perplexity), `cost_in_usd_ticks` (xAI; 1 USD = 10¹⁰ ticks). Digits as printed; see {@link parseJson}.
 */
export function readReportedCost(usage: JsonObject, anomalies: Anomaly[]): ReportedCost | null {
  const cost = getObject(usage, 'cost');
  const own = readByokCost(usage);
  if (own !== null) return own;
  const candidates: readonly (readonly [Json | undefined, string, number])[] = [
    [get(usage, 'cost_in_usd_ticks'), 'cost_in_usd_ticks', 10],
    [cost === null ? get(usage, 'cost') : undefined, 'usage.cost', 0],
    [get(cost, 'total_cost'), 'usage.cost.total_cost', 0],
  ];
  for (const [value, field, shift] of candidates) {
    if (value === undefined || value === null) continue;
    const usd = decimalText(value, shift);
    if (usd !== null) return { usd, field };
    anomalies.push({ code: 'cost_not_a_number', message: `${field} is no amount; it is left out` });
  }
  return null;
}

/**
 * OpenRouter with the caller's own provider key: `cost` is only OpenRouter's fee (or 0), the provider's bill is in
 * `cost_details.upstream_inference_cost`; the spend is their sum. Without such a key `cost` includes everything.
 */
function readByokCost(usage: JsonObject): ReportedCost | null {
  if (get(usage, 'is_byok') !== true) return null;
  const fee = decimalText(get(usage, 'cost') ?? null, 0);
  const upstream = decimalText(get(getObject(usage, 'cost_details'), 'upstream_inference_cost') ?? null, 0);
  if (upstream === null) return null;
  const field = 'usage.cost_details.upstream_inference_cost';
  if (fee === null || /^0(\.0*)?$/.test(fee)) return { usd: upstream, field };
  const [left, right] = [parseDecimal(fee), parseDecimal(upstream)];
  const scale = Math.max(left.scale, right.scale);
  const mantissa =
    left.mantissa * 10n ** BigInt(scale - left.scale) + right.mantissa * 10n ** BigInt(scale - right.scale);
  return { usd: printDecimal({ mantissa, scale }), field: `usage.cost + ${field}` };
}

/** Plain decimal of the value ÷ 10^shift; null for what is no amount ≥ 0. Plain text stays as printed. */
function decimalText(value: Json, shift: number): string | null {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || text.length > 60 || !AMOUNT.test(text)) return null;
  if (shift === 0 && !/e/i.test(text)) return text;
  const { mantissa, scale } = parseDecimal(text);
  return printDecimal({ mantissa, scale: scale + shift });
}

/** OpenRouter's ids begin with the second of the call: `gen-1784286312-…`. */
function timeInId(body: JsonObject): number | null {
  const second = /^gen-(\d{10})-/.exec(getName(body, 'id') ?? '')?.[1];
  return second === undefined ? null : plausibleTime(Number(second));
}

/** What every body of the OpenAI family says about itself. */
export function readEnvelope(body: JsonObject): Pick<Reading, 'model' | 'responseId' | 'createdAt'> {
  return {
    model: getName(body, 'model'),
    responseId: getName(body, 'id'),
    createdAt:
      plausibleTime(get(body, 'created')) ?? plausibleTime(get(body, 'created_at')) ?? timeInId(body),
  };
}

/** The reading of a response that carries no usage. */
export function withoutUsage(body: JsonObject, operation: Operation, convention: string): Reading {
  return {
    ...readEnvelope(body),
    operation,
    tier: null,
    speed: null,
    region: null,
    segments: [],
    source: 'none',
    rawUsage: null,
    convention,
    reportedCost: null,
    anomalies: [],
  };
}
