/** An event with its charge: the content of a row of the ledger. */
import type { SettledCharge } from '@farthing/pricing';
import { type SummedValues, valuesOf } from './dimensions.ts';
import { latencyOf } from './latency.ts';
import { type Amounts, type CountedState, countsOf, type PricedEvent } from './measures.ts';

export interface RatedEvent extends PricedEvent {
  readonly amounts: Amounts;
}

/** The meters of a charge that have no price, each once. */
export function unpricedMeters(charge: SettledCharge): readonly string[] {
  if (charge.totalPicos !== null) return [];
  return [...new Set(charge.lines.filter((line) => line.amountPicos === null).map((line) => line.meter))];
}

/**
 * The facts of one stored event that sums are made of. Rollups add them; those of a superseded event are subtracted
 * again.
 */
export interface LedgerFacts extends CountedState {
  readonly tenant: string;
  /** Unix milliseconds. */
  readonly time: number;
  readonly provider: string;
  readonly model: string;
  readonly operation: string;
  readonly values: SummedValues;
  readonly tags: { readonly [key: string]: string };
  /** By `STORED_COUNTS`. */
  readonly counts: readonly number[];
}

/** The facts of an event that is about to be stored. */
export function factsOf(rated: RatedEvent): LedgerFacts {
  const { event, amounts } = rated;
  return {
    tenant: event.tenant,
    time: event.time,
    provider: event.provider,
    model: event.model,
    operation: event.operation,
    status: event.status,
    values: valuesOf(event),
    tags: event.attribution.tags,
    latency: latencyOf(event.latencyMs),
    counts: countsOf(rated),
    amounts,
  };
}
