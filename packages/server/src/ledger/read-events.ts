/** The event list: newest first, filtered, walked by cursor. Reads only. */

/** Most events of one page. */
export const MAX_EVENT_PAGE = 1_000;

/** One row of the list; the same fields over REST and tRPC. */
export interface EventSummary {
  readonly tenant: string;
  readonly id: string;
  /** RFC 3339 UTC, milliseconds. */
  readonly time: string;
  readonly received_at: string;
  readonly door: string;
  readonly provider: string;
  readonly model: string;
  readonly requested_model: string | null;
  readonly operation: string;
  readonly status: string;
  readonly project: string | null;
  readonly environment: string | null;
  readonly agent: string | null;
  readonly user: string | null;
  readonly workflow: string | null;
  readonly task: string | null;
  readonly session: string | null;
  readonly request_id: string | null;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  readonly reasoning_tokens: number;
  /** Decimal USD; null = unpriced, then `priced_subtotal_usd` holds what is known. */
  readonly cost_usd: string | null;
  readonly priced_subtotal_usd: string;
  readonly reported_cost_usd: string | null;
  readonly usage_source: string;
  readonly latency_ms: number | null;
  readonly tags: { readonly [key: string]: string };
}

export interface EventPage {
  readonly events: readonly EventSummary[];
  /** Opaque; asks for what comes after this page. Null at the end. */
  readonly next_cursor: string | null;
}
