/** The columns of an export of events. */
import { parseUsd, printUsd } from '@farthing/pricing';
import type { EventExtras } from '../costs/event-extras.ts';
import { MONEY, type Money, STORED_COUNTS, type StoredCount } from '../ledger/measures.ts';
import type { EventSummary } from '../ledger/reading/read-events.ts';
import { plainNumber } from './plain-number.ts';
import type { ColumnKind, ExportColumn } from './table.ts';

export interface ExportedEvent {
  readonly summary: EventSummary;
  readonly extras: EventExtras;
}

const column = (
  kind: ColumnKind,
  name: string,
  read: (event: ExportedEvent) => string | null,
): ExportColumn<ExportedEvent> => ({ name, kind, read });

type TextField = {
  [K in keyof EventSummary]: EventSummary[K] extends string | null ? K : never;
}[keyof EventSummary];
const said = (name: TextField, kind: ColumnKind = 'text') =>
  column(kind, name, ({ summary }) => summary[name]);
const extra = (name: keyof EventExtras) => column('text', name, ({ extras }) => extras[name]);
const plain = (numeric: string | null) => (numeric === null ? null : printUsd(parseUsd(numeric)));

/** A measure of the event's row, by the table of measures. */
const measured = (row: StoredCount | Money): ExportColumn<ExportedEvent> =>
  row.type === 'money'
    ? column('amount', `${row.measure}_usd`, ({ extras }) => plain(extras[row.column]))
    : column('count', row.column, ({ extras }) => extras[row.column]);

const COST = MONEY.filter(({ measure }) => measure === 'cost');
const PARTS = MONEY.filter(({ measure }) => measure !== 'cost');

/**
 * Costs by class are what is priced of the event; input, output and other are disjoint and make up
 * `priced_subtotal_usd`, cache costs are parts of the input, reasoning is part of the output.
 */
export const EXPORTED_EVENT_COLUMNS: readonly ExportColumn<ExportedEvent>[] = [
  said('tenant'),
  said('id'),
  said('time', 'time'),
  said('received_at', 'time'),
  said('door'),
  said('provider'),
  said('model'),
  said('requested_model'),
  said('operation'),
  extra('service_tier'),
  extra('speed'),
  extra('region'),
  said('status'),
  said('project'),
  said('environment'),
  said('agent'),
  said('user'),
  extra('api_key_id'),
  said('workflow'),
  said('task'),
  said('session'),
  said('request_id'),
  extra('trace_id'),
  extra('span_id'),
  extra('response_id'),
  ...STORED_COUNTS.map(measured),
  ...COST.map(measured),
  said('priced_subtotal_usd', 'amount'),
  ...PARTS.map(measured),
  // The provider's own digits: a text that came from outside.
  said('reported_cost_usd'),
  extra('price_version'),
  said('usage_source'),
  column('count', 'latency_ms', ({ summary }) =>
    summary.latency_ms === null ? null : plainNumber(summary.latency_ms),
  ),
  column('json', 'tags', ({ summary }) => JSON.stringify(summary.tags)),
];
