/** Sums of events per bucket and dimension, as changes to be added to the stored rollups. Pure. */
import type { LedgerFacts } from '../ledger/rated-event.ts';
import { type LocalDay, quarterHour } from './calendar.ts';
import { ROLLUP_DIMENSIONS } from './dimensions.ts';

/** What one rollup row changes by. */
export interface RollupDelta {
  /** Sorts rows the same way in every process: the order in which they are locked. */
  readonly key: string;
  readonly tenant: string;
  readonly dimension: string;
  /** Unix milliseconds of a quarter hour, or days since 1970 in the tenant's zone. */
  readonly bucket: number;
  readonly value: string;
  readonly provider: string;
  readonly model: string;
  readonly operation: string;
  requests: number;
  errors: number;
  unpricedRequests: number;
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  reasoningTokens: number;
  inputPicos: bigint;
  outputPicos: bigint;
  otherPicos: bigint;
  totalPicos: bigint;
}

/** An event that enters (+1) or leaves (-1, superseded) the sums. */
export interface Contribution {
  readonly facts: LedgerFacts;
  readonly sign: 1 | -1;
}

export interface RollupDeltas {
  /** Sorted by key. */
  readonly quarterHours: readonly RollupDelta[];
  readonly days: readonly RollupDelta[];
}

/**
 * Adds contributions up. `zoneOf` names a tenant's reporting zone.
 * Throws a RangeError when a sum of tokens leaves the safe integers, instead of losing one.
 */
export function aggregate(
  contributions: readonly Contribution[],
  zoneOf: (tenant: string) => string,
  localDay: LocalDay,
): RollupDeltas {
  // A zero character parts the keys: no stored text can hold one.
  const quarterHours = new Map<string, RollupDelta>();
  for (const { facts, sign } of contributions) {
    const bucket = quarterHour(facts.time);
    const head = `${facts.tenant}\0`;
    const middle = `\0${bucket}\0`;
    const tail = `\0${facts.provider}\0${facts.model}\0${facts.operation}`;
    for (const dimension of ROLLUP_DIMENSIONS) {
      const value = dimension.value(facts);
      const key = head + dimension.name + middle + value + tail;
      let delta = quarterHours.get(key);
      if (delta === undefined) {
        delta = emptyDelta(key, facts.tenant, dimension.name, bucket, value, facts);
        quarterHours.set(key, delta);
      }
      contribute(delta, facts, sign);
    }
  }
  return {
    quarterHours: sorted(quarterHours),
    days: sorted(toDays(quarterHours.values(), zoneOf, localDay)),
  };
}

/** A day is the sum of its quarter hours: days are made from the few rows above, not from the events again. */
function toDays(
  quarterHours: Iterable<RollupDelta>,
  zoneOf: (tenant: string) => string,
  localDay: LocalDay,
): Map<string, RollupDelta> {
  const days = new Map<string, RollupDelta>();
  for (const part of quarterHours) {
    const day = localDay(zoneOf(part.tenant), part.bucket);
    const key = `${part.tenant}\0${part.dimension}\0${day}\0${part.value}\0${part.provider}\0${part.model}\0${part.operation}`;
    let delta = days.get(key);
    if (delta === undefined) {
      delta = emptyDelta(key, part.tenant, part.dimension, day, part.value, part);
      days.set(key, delta);
    }
    merge(delta, part);
  }
  return days;
}

function emptyDelta(
  key: string,
  tenant: string,
  dimension: string,
  bucket: number,
  value: string,
  { provider, model, operation }: { provider: string; model: string; operation: string },
): RollupDelta {
  return {
    key,
    tenant,
    dimension,
    bucket,
    value,
    provider,
    model,
    operation,
    requests: 0,
    errors: 0,
    unpricedRequests: 0,
    inputTokens: 0,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
    inputPicos: 0n,
    outputPicos: 0n,
    otherPicos: 0n,
    totalPicos: 0n,
  };
}

function contribute(delta: RollupDelta, facts: LedgerFacts, sign: 1 | -1): void {
  const { tokens } = facts;
  delta.requests += sign;
  if (facts.status !== 'ok') delta.errors += sign;
  delta.inputTokens += sign * tokens.input;
  delta.outputTokens += sign * tokens.output;
  delta.cacheReadTokens += sign * tokens.cacheRead;
  delta.cacheWriteTokens += sign * tokens.cacheWrite;
  delta.reasoningTokens += sign * tokens.reasoning;
  if (facts.totalPicos === null) {
    delta.unpricedRequests += sign;
  } else if (sign === 1) {
    delta.inputPicos += facts.inputPicos;
    delta.outputPicos += facts.outputPicos;
    delta.otherPicos += facts.otherPicos;
    delta.totalPicos += facts.totalPicos;
  } else {
    delta.inputPicos -= facts.inputPicos;
    delta.outputPicos -= facts.outputPicos;
    delta.otherPicos -= facts.otherPicos;
    delta.totalPicos -= facts.totalPicos;
  }
}

function merge(into: RollupDelta, part: RollupDelta): void {
  into.requests += part.requests;
  into.errors += part.errors;
  into.unpricedRequests += part.unpricedRequests;
  into.inputTokens += part.inputTokens;
  into.outputTokens += part.outputTokens;
  into.cacheReadTokens += part.cacheReadTokens;
  into.cacheWriteTokens += part.cacheWriteTokens;
  into.reasoningTokens += part.reasoningTokens;
  into.inputPicos += part.inputPicos;
  into.outputPicos += part.outputPicos;
  into.otherPicos += part.otherPicos;
  into.totalPicos += part.totalPicos;
}

function sorted(deltas: ReadonlyMap<string, RollupDelta>): RollupDelta[] {
  const list = [...deltas.values()];
  for (const { inputTokens, outputTokens } of list) {
    // The other three are parts of these two.
    if (!Number.isSafeInteger(inputTokens) || !Number.isSafeInteger(outputTokens)) {
      throw new RangeError('The tokens of this batch add up to more than can be counted exactly.');
    }
  }
  return list.sort((a, b) => (a.key < b.key ? -1 : 1));
}
