/** A rated event as a row of `usage_event_row_3`, in Postgres' binary format. */
import { RowWriter } from '../db/binary-rows.ts';
import { chargeJson } from './charge-json.ts';
import { countsOf, MONEY, STORED_COUNTS } from './measures.ts';
import type { RatedEvent } from './rated-event.ts';
import type { UsageEvent } from './usage-event.ts';

/**
 * Columns of a row as it travels. Each stands where its row type has one of its kind; the type's own names do not count.
 * `received_at` is the database's own clock.
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
];

/** Writes rows of events; keeps its buffer from call to call. */
export function createEventRows(): (rated: RatedEvent) => Buffer {
  const rows = new RowWriter(256 * 1024);
  return (rated) => {
    rows.begin(EVENT_ROW_COLUMNS.length);
    writeIdentity(rows, rated.event);
    writeAttribution(rows, rated.event);
    writeAmounts(rows, rated);
    writeDetails(rows, rated);
    return rows.end();
  };
}

function writeIdentity(rows: RowWriter, event: UsageEvent): void {
  rows.text(event.tenant);
  rows.text(event.id);
  rows.timestamptz(event.time);
  rows.text(event.door);
  rows.text(event.provider);
  rows.text(event.model);
  rows.text(event.requestedModel);
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

function writeAmounts(rows: RowWriter, rated: RatedEvent): void {
  const { event } = rated;
  rows.text(event.tier);
  for (const count of countsOf(rated)) rows.int8(count);
  for (const amount of rated.amounts) rows.picos(amount);
  rows.text(event.reportedCost?.usd ?? null);
  rows.text(event.source);
}

function writeDetails(rows: RowWriter, { event, charge }: RatedEvent): void {
  const { segments, convention, speed, region } = event;
  const reportedIn = event.reportedCost === null ? {} : { reported_cost_field: event.reportedCost.field };
  const unbilled = event.billed === false && event.status !== 'error' ? { billed: false } : {};
  rows.jsonb(JSON.stringify({ segments, convention, speed, region, ...reportedIn, ...unbilled }));
  rows.jsonb(chargeJson(charge.lines));
  rows.jsonb(event.rawUsage === null ? null : JSON.stringify(event.rawUsage));
  rows.text(charge.bookVersion);
  rows.jsonb(event.anomalies.length === 0 ? null : JSON.stringify(event.anomalies));
  rows.float8(event.latencyMs);
  rows.jsonb(isEmpty(event.attribution.tags) ? null : JSON.stringify(event.attribution.tags));
  rows.jsonb(event.metadata === null ? null : JSON.stringify(event.metadata));
}

function isEmpty(object: object): boolean {
  for (const _ in object) return false;
  return true;
}
