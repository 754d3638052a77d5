/** A rated event as a row of `ROW_TYPES.event` (`row-types.ts`), in Postgres' binary format. */
import { RowWriter } from '../../db/binary-rows.ts';
import { chargeJson } from '../charge-json.ts';
import { chargePattern } from '../explanation/charge-pattern.ts';
import { KnownPatterns, type Pattern } from '../explanation/pattern.ts';
import { usagePattern } from '../explanation/usage-pattern.ts';
import { keptRequestedModel, keptText } from '../kept-as-null.ts';
import { countsOf, MONEY, STORED_COUNTS } from '../measures.ts';
import type { RatedEvent } from '../rated-event.ts';
import type { UsageEvent } from '../usage-event.ts';

/**
 * Columns of a row as it travels. Each stands where its row type has one of its kind; the type's own names do not count.
 * `received_at` is the database's own clock. Patterns travel by their hash.
 */
export const EVENT_ROW_COLUMNS: readonly string[] = [
  'tenant_id',
  'id',
  'event_time',
  'door',
  'provider',
  'model',
  'requested_model',
  'operation',
  'status',
  'project',
  'environment',
  'agent',
  'user_id',
  'api_key_id',
  'workflow',
  'task',
  'session',
  'request_id',
  'trace_id',
  'span_id',
  'response_id',
  'service_tier',
  ...STORED_COUNTS.map(({ column }) => column),
  ...MONEY.map(({ column }) => column),
  'reported_cost',
  'usage_source',
  'usage',
  'charge',
  'raw_usage',
  'price_version',
  'anomalies',
  'latency_ms',
  'tags',
  'metadata',
  'usage_numbers',
  'charge_numbers',
  'usage_pattern',
  'charge_pattern',
];

/** A row, and the patterns that it names: they must be registered before it is stored. */
export interface EventRow {
  readonly row: Buffer;
  readonly patterns: readonly Pattern[];
}

/** Writes rows of events; keeps its buffer and the patterns it has made from call to call. */
export function createEventRows(known = new KnownPatterns()): (rated: RatedEvent) => EventRow {
  const rows = new RowWriter(256 * 1024);
  return (rated) => {
    rows.begin(EVENT_ROW_COLUMNS.length);
    writeIdentity(rows, rated.event);
    writeAttribution(rows, rated.event);
    writeAmounts(rows, rated);
    const patterns = writeDetails(rows, rated, known);
    return { row: rows.end(), patterns };
  };
}

function writeIdentity(rows: RowWriter, event: UsageEvent): void {
  rows.text(event.tenant);
  rows.text(event.id);
  rows.timestamptz(event.time);
  rows.text(event.door);
  rows.text(event.provider);
  rows.text(event.model);
  rows.text(keptRequestedModel(event));
  rows.text(event.operation);
  rows.text(event.status);
}

function writeAttribution(rows: RowWriter, event: UsageEvent): void {
  const { attribution } = event;
  rows.text(attribution.project);
  rows.text(attribution.environment);
  rows.text(attribution.agent);
  rows.text(attribution.user);
  rows.uuid(attribution.apiKeyId);
  rows.text(attribution.workflow);
  rows.text(attribution.task);
  rows.text(attribution.session);
  rows.text(attribution.requestId);
  rows.text(event.traceId);
  rows.text(event.spanId);
  rows.text(event.responseId);
}

const SPARSE_COUNTS = STORED_COUNTS.map((row) => 'sparse' in row);
const SPARSE_AMOUNTS = MONEY.map((row) => 'sparse' in row);

function writeAmounts(rows: RowWriter, rated: RatedEvent): void {
  const { event } = rated;
  rows.text(keptText('service_tier', event.tier));
  for (const [at, count] of countsOf(rated).entries())
    rows.int8(count === 0 && SPARSE_COUNTS[at] === true ? null : count);
  for (const [at, amount] of rated.amounts.entries())
    rows.picos(amount === 0n && SPARSE_AMOUNTS[at] === true ? null : amount);
  rows.text(event.reportedCost?.usd ?? null);
  rows.text(keptText('usage_source', event.source));
}

function writeDetails(rows: RowWriter, rated: RatedEvent, known: KnownPatterns): readonly Pattern[] {
  const { event, charge } = rated;
  const { patterned: usage, ...apart } = usagePattern(rated, known);
  const lines = chargePattern(charge, rated.tokens, known);
  rows.jsonb(json(apart.usage));
  rows.jsonb(lines === null ? chargeJson(charge.lines) : null);
  rows.jsonb(json(apart.rawUsage));
  rows.text(lines === null ? charge.bookVersion : null);
  rows.jsonb(event.anomalies.length === 0 ? null : JSON.stringify(event.anomalies));
  rows.float8(event.latencyMs);
  rows.jsonb(isEmpty(event.attribution.tags) ? null : JSON.stringify(event.attribution.tags));
  rows.jsonb(json(event.metadata));
  rows.text(usage?.numbers ?? null);
  rows.text(lines?.numbers ?? null);
  rows.uuid(usage?.pattern.hash ?? null);
  rows.uuid(lines?.pattern.hash ?? null);
  return [usage, lines].flatMap((one) => (one === null ? [] : [one.pattern]));
}

const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

function isEmpty(object: object): boolean {
  for (const _ in object) return false;
  return true;
}
