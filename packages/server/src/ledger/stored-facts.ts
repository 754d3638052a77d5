/** From a row of `usage_events` to the facts that sums are made of: one reading for every writer that takes them back out. */
import { parseUsd } from '@farthing/pricing';
import { latencyOf } from './latency.ts';
import type { LedgerFacts } from './rated-event.ts';

/** Columns of `usage_events e` that {@link storedFacts} needs. */
export const FACT_COLUMNS = `e.tenant_id, (extract(epoch from e.event_time) * 1000)::float8 as time_ms, e.provider, e.model,
  e.operation, e.status, e.project, e.environment, e.agent, e.api_key_id, e.user_id, e.workflow, e.tags, e.latency_ms,
  e.input_tokens, e.output_tokens, e.cache_read_tokens, e.cache_write_tokens, e.reasoning_tokens, e.input_cost,
  e.output_cost, e.other_cost, e.total_cost, e.cache_read_cost, e.cache_write_cost, e.reasoning_cost, e.list_cost`;

/** A row of {@link FACT_COLUMNS} as the driver gives it. */
export interface FactRow {
  readonly tenant_id: string;
  readonly time_ms: number;
  readonly provider: string;
  readonly model: string;
  readonly operation: string;
  readonly status: string;
  readonly project: string | null;
  readonly environment: string | null;
  readonly agent: string | null;
  readonly api_key_id: string | null;
  readonly user_id: string | null;
  readonly workflow: string | null;
  readonly tags: { readonly [key: string]: string } | null;
  readonly latency_ms: number | null;
  readonly input_tokens: string;
  readonly output_tokens: string;
  readonly cache_read_tokens: string;
  readonly cache_write_tokens: string;
  readonly reasoning_tokens: string;
  readonly input_cost: string;
  readonly output_cost: string;
  readonly other_cost: string;
  readonly total_cost: string | null;
  readonly cache_read_cost: string;
  readonly cache_write_cost: string;
  readonly reasoning_cost: string;
  readonly list_cost: string | null;
}

export function storedFacts(row: FactRow): LedgerFacts {
  return {
    tenant: row.tenant_id,
    time: row.time_ms,
    provider: row.provider,
    model: row.model,
    operation: row.operation,
    status: row.status,
    project: row.project,
    environment: row.environment,
    agent: row.agent,
    apiKeyId: row.api_key_id,
    user: row.user_id,
    workflow: row.workflow,
    tags: row.tags ?? {},
    latency: latencyOf(row.latency_ms),
    tokens: {
      input: Number(row.input_tokens),
      output: Number(row.output_tokens),
      cacheRead: Number(row.cache_read_tokens),
      cacheWrite: Number(row.cache_write_tokens),
      reasoning: Number(row.reasoning_tokens),
    },
    inputPicos: parseUsd(row.input_cost),
    outputPicos: parseUsd(row.output_cost),
    otherPicos: parseUsd(row.other_cost),
    totalPicos: picos(row.total_cost),
    cacheReadPicos: parseUsd(row.cache_read_cost),
    cacheWritePicos: parseUsd(row.cache_write_cost),
    reasoningPicos: parseUsd(row.reasoning_cost),
    listPicos: picos(row.list_cost),
  };
}

const picos = (usd: string | null): bigint | null => (usd === null ? null : parseUsd(usd));
