/** The event list: newest first, filtered, walked by cursor. Reads only. */
import { AppError } from '@farthing/contract';
import { parseUsd, printUsd } from '@farthing/pricing';
import type { Tx } from '../../db/database.ts';
import { LISTED } from '../dimensions.ts';
import type { EventFilter } from '../event-filter.ts';
import { ofTable, storedSql, USUAL_TEXTS } from '../kept-as-null.ts';
import { STORED_COUNTS } from '../measures.ts';
import { decodeCursor, encodeCursor } from './event-cursor.ts';

const ofEvent = ofTable('e');

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

/** Columns of a summary, of `usage_events e`; the time also as exact text for the cursor. */
export const EVENT_SUMMARY_COLUMNS = `e.tenant_id, e.id, e.event_time, e.received_at, e.door, e.provider, e.model,
  ${USUAL_TEXTS.requested_model} as requested_model, e.operation, e.status, e.project, e.environment, e.agent, e.user_id,
  e.workflow, e.task, e.session,
  e.request_id, ${STORED_COUNTS.map(({ column }) => `${storedSql(column, ofEvent)} as ${column}`).join(', ')}, e.total_cost,
  (e.input_cost + e.output_cost + ${storedSql('other_cost', ofEvent)}) as priced_subtotal, e.reported_cost,
  ${USUAL_TEXTS.usage_source} as usage_source,
  e.latency_ms, e.tags, to_char(e.event_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as exact_time`;

export interface EventSummaryRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly event_time: Date;
  readonly received_at: Date;
  readonly door: string;
  readonly provider: string;
  readonly model: string;
  readonly requested_model: string | null;
  readonly operation: string;
  readonly status: string;
  readonly project: string | null;
  readonly environment: string | null;
  readonly agent: string | null;
  readonly user_id: string | null;
  readonly workflow: string | null;
  readonly task: string | null;
  readonly session: string | null;
  readonly request_id: string | null;
  readonly input_tokens: string;
  readonly output_tokens: string;
  readonly cache_read_tokens: string;
  readonly cache_write_tokens: string;
  readonly reasoning_tokens: string;
  readonly total_cost: string | null;
  readonly priced_subtotal: string;
  readonly reported_cost: string | null;
  readonly usage_source: string;
  readonly latency_ms: number | null;
  readonly tags: { readonly [key: string]: string } | null;
  readonly exact_time: string;
}

/** A stretch of one tenant's time, Unix milliseconds, `[from, to)`. */
export interface EventStretch {
  readonly tenant: string;
  readonly from: number;
  readonly to: number;
}

/** Events to list. Times are Unix milliseconds, `[from, to)`; null = open. */
export interface EventListQuery {
  readonly tenants: readonly string[];
  readonly from: number | null;
  readonly to: number | null;
  readonly filter: EventFilter;
  /** As `next_cursor` of the page before; absent = the newest. */
  readonly cursor: string | undefined;
  readonly limit: number;
  /** The stretches to search, if known: a filter without its own index reads only these. */
  readonly stretches?: readonly EventStretch[];
}

/**
 * One page, newest first. Walking the cursor shows every event once, also while newer ones arrive: a page begins
 * after the last event shown, not at a count.
 */
export async function readEvents(tx: Tx, query: EventListQuery): Promise<EventPage> {
  const { events, last, more } = await readPart(tx, query);
  return { events, next_cursor: more ? last : null };
}

/** A page that says where it ends, whether or not there is more. */
export interface EventPart {
  readonly events: readonly EventSummary[];
  /** The cursor that goes on after the last event; null without events. */
  readonly last: string | null;
  readonly more: boolean;
}

/** As {@link readEvents}, for who puts a page together from several parts. */
export async function readPart(tx: Tx, query: EventListQuery): Promise<EventPart> {
  const { limit, stretches } = query;
  const values: unknown[] = [stretches?.map((one) => one.tenant) ?? [...query.tenants], limit + 1];
  const put = (value: unknown): string => `$${values.push(value)}`;
  const inStretch = stretches === undefined ? [] : stretchConditions(stretches, put);
  const conditions = [...timeConditions(query, put), ...filterConditions(query.filter, put)];
  const and = (all: readonly string[]) => all.map((one) => `\n           and ${one}`).join('');
  // Each tenant's newest events come from an index, so only the merge needs a sort. Only events that are returned are
  // read whole.
  const { rows } = await tx.query<EventSummaryRow>(
    `with keys as (
      select k.* from unnest($1::text[]${inStretch.length === 0 ? '' : `, ${inStretch.join(', ')}`})
               as wanted (tenant_id${inStretch.length === 0 ? '' : ', low, high'})
       cross join lateral (
        select e.tenant_id, e.event_time, e.id from usage_events e
         where e.tenant_id = wanted.tenant_id${inStretch.length === 0 ? '' : ' and e.event_time >= wanted.low and e.event_time < wanted.high'}${and(conditions)}
         order by e.event_time desc, e.id desc
         limit $2) k
       order by k.event_time desc, k.id desc, k.tenant_id desc
       limit $2)
     select e.* from keys k cross join lateral (
       select ${EVENT_SUMMARY_COLUMNS} from usage_events e
        where e.tenant_id = k.tenant_id and e.event_time = k.event_time and e.id = k.id offset 0) e
      order by e.event_time desc, e.id desc, e.tenant_id desc`,
    values,
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    events: page.map(toEventSummary),
    last:
      last === undefined
        ? null
        : encodeCursor({ time: last.exact_time, id: last.id, tenant: last.tenant_id }),
    more: rows.length > limit,
  };
}

function stretchConditions(stretches: readonly EventStretch[], put: Put): string[] {
  const times = (of: (one: EventStretch) => number) =>
    `${put(stretches.map((one) => new Date(of(one)).toISOString()))}::timestamptz[]`;
  return [times((one) => one.from), times((one) => one.to)];
}

type Put = (value: unknown) => string;

function timeConditions({ from, to, cursor }: EventListQuery, put: Put): string[] {
  const conditions: string[] = [];
  if (from !== null) conditions.push(`e.event_time >= ${put(new Date(from).toISOString())}::timestamptz`);
  if (to !== null) conditions.push(`e.event_time < ${put(new Date(to).toISOString())}::timestamptz`);
  if (cursor === undefined) return conditions;
  const after = decodeCursor(cursor);
  if (after === null) {
    throw new AppError('invalid_parameter', 'cursor: is not one that an earlier page gave.', {
      details: [{ path: 'cursor', message: 'is not one that an earlier page gave' }],
    });
  }
  const time = `${put(after.time)}::timestamptz`;
  conditions.push(
    `e.event_time <= ${time}`,
    `(e.event_time, e.id, e.tenant_id) < (${time}, ${put(after.id)}::text, ${put(after.tenant)}::text)`,
  );
  return conditions;
}

function filterConditions(filter: EventFilter, put: Put): string[] {
  const conditions: string[] = [];
  for (const { name, column } of LISTED) {
    const wanted = filter[name];
    if (wanted === '') conditions.push(`e.${column} is null`);
    else if (wanted !== undefined) conditions.push(`e.${column} = ${put(wanted)}::text`);
  }
  if (filter.unpriced !== undefined) {
    conditions.push(`e.total_cost is ${filter.unpriced ? 'null' : 'not null'}`);
  }
  for (const [key, wanted] of Object.entries(filter.tags ?? {})) {
    conditions.push(`e.tags @> jsonb_build_object(${put(key)}::text, ${put(wanted)}::text)`);
  }
  return conditions;
}

export function toEventSummary(row: EventSummaryRow): EventSummary {
  return {
    tenant: row.tenant_id,
    id: row.id,
    time: row.event_time.toISOString(),
    received_at: row.received_at.toISOString(),
    door: row.door,
    provider: row.provider,
    model: row.model,
    requested_model: row.requested_model,
    operation: row.operation,
    status: row.status,
    project: row.project,
    environment: row.environment,
    agent: row.agent,
    user: row.user_id,
    workflow: row.workflow,
    task: row.task,
    session: row.session,
    request_id: row.request_id,
    input_tokens: Number(row.input_tokens),
    output_tokens: Number(row.output_tokens),
    cache_read_tokens: Number(row.cache_read_tokens),
    cache_write_tokens: Number(row.cache_write_tokens),
    reasoning_tokens: Number(row.reasoning_tokens),
    cost_usd: row.total_cost === null ? null : printUsd(parseUsd(row.total_cost)),
    priced_subtotal_usd: printUsd(parseUsd(row.priced_subtotal)),
    reported_cost_usd: row.reported_cost,
    usage_source: row.usage_source,
    latency_ms: row.latency_ms,
    tags: row.tags ?? {},
  };
}
