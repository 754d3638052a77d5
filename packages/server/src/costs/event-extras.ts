/** An event beyond what lists show of it. */
import type { STORED_MEASURES } from '../ledger/measures.ts';

/** Fields of an event that exports have and the event list has not. */
export interface EventExtras extends MeasuredExtras {
  readonly api_key_id: string | null;
  readonly trace_id: string | null;
  readonly span_id: string | null;
  readonly response_id: string | null;
  readonly service_tier: string;
  readonly speed: string | null;
  readonly region: string | null;
  readonly price_version: string;
}

/** Every measure that the event's row holds: counts, and decimal USD; null where an amount is not known. */
export type MeasuredExtras = {
  readonly [M in (typeof STORED_MEASURES)[number] as M['column']]: string | null;
};
