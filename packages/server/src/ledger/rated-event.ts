/** An event with its charge: what a row of the ledger holds. */
import type { SettledCharge, TokenTotals } from '@farthing/pricing';
import { type Latency, latencyOf } from './latency.ts';
import type { PartCosts } from './part-costs.ts';
import type { UsageEvent } from './usage-event.ts';

export interface RatedEvent {
  readonly event: UsageEvent;
  /** What is charged. */
  readonly charge: SettledCharge;
  /** What the call costs at list price; null = unpriced. */
  readonly listPicos: bigint | null;
  readonly parts: PartCosts;
  /** Inclusive totals over all segments. */
  readonly tokens: TokenTotals;
}

/** The meters of a charge that have no price, each once. */
export function unpricedMeters(charge: SettledCharge): readonly string[] {
  if (charge.totalPicos !== null) return [];
  return [...new Set(charge.lines.filter((line) => line.amountPicos === null).map((line) => line.meter))];
}

/** The facts of one stored event that sums are made of. Rollups add them; a superseded event takes its own back out. */
export interface LedgerFacts extends PartCosts {
  readonly tenant: string;
  /** Unix milliseconds. */
  readonly time: number;
  readonly provider: string;
  readonly model: string;
  readonly operation: string;
  readonly status: string;
  readonly project: string | null;
  readonly environment: string | null;
  readonly agent: string | null;
  readonly apiKeyId: string | null;
  readonly user: string | null;
  readonly workflow: string | null;
  readonly tags: { readonly [key: string]: string };
  /** Null: not measured. */
  readonly latency: Latency | null;
  readonly tokens: TokenTotals;
  readonly inputPicos: bigint;
  readonly outputPicos: bigint;
  readonly otherPicos: bigint;
  /** Null = unpriced: then no other amount is summed either. */
  readonly totalPicos: bigint | null;
  /** Null = no list price. */
  readonly listPicos: bigint | null;
}

/** The facts of an event that is about to be stored. */
export function factsOf({ event, charge, listPicos, parts, tokens }: RatedEvent): LedgerFacts {
  const { attribution } = event;
  return {
    tenant: event.tenant,
    time: event.time,
    provider: event.provider,
    model: event.model,
    operation: event.operation,
    status: event.status,
    project: attribution.project,
    environment: attribution.environment,
    agent: attribution.agent,
    apiKeyId: attribution.apiKeyId,
    user: attribution.user,
    workflow: attribution.workflow,
    tags: attribution.tags,
    latency: latencyOf(event.latencyMs),
    tokens,
    inputPicos: charge.inputPicos,
    outputPicos: charge.outputPicos,
    otherPicos: charge.otherPicos,
    totalPicos: charge.totalPicos,
    cacheReadPicos: parts.cacheReadPicos,
    cacheWritePicos: parts.cacheWritePicos,
    reasoningPicos: parts.reasoningPicos,
    listPicos,
  };
}
