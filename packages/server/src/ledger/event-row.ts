/** A rated event as a row of `usage_event_row_3`, in Postgres' binary format. */
import { RowWriter } from '../db/binary-rows.ts';
import { chargeJson } from './charge-json.ts';
import type { RatedEvent } from './rated-event.ts';
import type { UsageEvent } from './usage-event.ts';

/** Columns of `usage_event_row_3`, in its order; `received_at` is the database's own clock. */
export const EVENT_COLUMNS = [
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
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
  'input_cost',
  'output_cost',
  'other_cost',
  'total_cost',
  'list_cost',
  'cache_read_cost',
  'cache_write_cost',
  'reasoning_cost',
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
] as const;

/** Writes rows of events; keeps its buffer from call to call. */
export function createEventRows(): (rated: RatedEvent) => Buffer {
  const rows = new RowWriter(256 * 1024);
  return (rated) => {
    rows.begin(EVENT_COLUMNS.length);
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

function writeAmounts(rows: RowWriter, { event, charge, listPicos, parts, tokens }: RatedEvent): void {
  rows.text(event.tier);
  rows.int8(tokens.input);
  rows.int8(tokens.output);
  rows.int8(tokens.cacheRead);
  rows.int8(tokens.cacheWrite);
  rows.int8(tokens.reasoning);
  rows.picos(charge.inputPicos);
  rows.picos(charge.outputPicos);
  rows.picos(charge.otherPicos);
  rows.picos(charge.totalPicos);
  rows.picos(listPicos);
  rows.picos(parts.cacheReadPicos);
  rows.picos(parts.cacheWritePicos);
  rows.picos(parts.reasoningPicos);
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
