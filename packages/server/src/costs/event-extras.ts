/** An event beyond what lists show of it. */

/** What an export says of an event beside the event list. Money is decimal USD. */
export interface EventExtras {
  readonly api_key_id: string | null;
  readonly trace_id: string | null;
  readonly span_id: string | null;
  readonly response_id: string | null;
  readonly service_tier: string;
  readonly speed: string | null;
  readonly region: string | null;
  readonly price_version: string;
  readonly input_cost: string;
  readonly output_cost: string;
  readonly other_cost: string;
  readonly cache_read_cost: string;
  readonly cache_write_cost: string;
  readonly reasoning_cost: string;
  readonly list_cost: string | null;
}
