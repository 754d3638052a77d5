/** From a row of `usage_events` to the facts that sums are made of: the same for every writer that subtracts them. */
import { parseUsd } from '@farthing/pricing';
import { SUMMED } from '../dimensions.ts';
import { ofTable, storedSql } from '../kept-as-null.ts';
import { latencyOf } from '../latency.ts';
import { MONEY, type Money, STORED_COUNTS, STORED_MEASURES, type StoredCount } from '../measures.ts';
import type { LedgerFacts } from '../rated-event.ts';

const ofEvent = ofTable('e');

/** Columns of `usage_events e` that {@link storedFacts} needs. */
export const FACT_COLUMNS = `e.tenant_id, (extract(epoch from e.event_time) * 1000)::float8 as time_ms, e.provider, e.model,
  e.operation, e.status, e.tags, e.latency_ms,
  ${SUMMED.map(({ column }) => `e.${column}`).join(', ')}, ${STORED_MEASURES.map(({ column }) => `${storedSql(column, ofEvent)} as ${column}`).join(', ')}`;

/** A row of {@link FACT_COLUMNS} as the driver gives it. */
export type FactRow = {
  readonly tenant_id: string;
  readonly time_ms: number;
  readonly provider: string;
  readonly model: string;
  readonly operation: string;
  readonly status: string;
  readonly tags: { readonly [key: string]: string } | null;
  readonly latency_ms: number | null;
} & { readonly [D in (typeof SUMMED)[number] as D['column']]: string | null } & {
  readonly [M in StoredCount as M['column']]: string;
} & { readonly [M in Money as M['column']]: string | null };

export function storedFacts(row: FactRow): LedgerFacts {
  return {
    tenant: row.tenant_id,
    time: row.time_ms,
    provider: row.provider,
    model: row.model,
    operation: row.operation,
    status: row.status,
    values: SUMMED.map(({ column }) => row[column]),
    tags: row.tags ?? {},
    latency: latencyOf(row.latency_ms),
    counts: STORED_COUNTS.map(({ column }) => Number(row[column])),
    amounts: MONEY.map(({ column }) => picos(row[column])),
  };
}

const picos = (usd: string | null): bigint | null => (usd === null ? null : parseUsd(usd));
