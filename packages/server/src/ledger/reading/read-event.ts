/** One event, opened: raw usage → convention → quantities → card → lines → amount, and how its cost changed. */
import { AppError } from '@farthing/contract';
import { isMeter, METERS, parseUsd, printUsd, type RateCard } from '@farthing/pricing';
import type { Tx } from '../../db/database.ts';
import type { StoredLine } from '../charge-json.ts';
import { ofTable, storedSql, USUAL_TEXTS } from '../kept-as-null.ts';
import type {
  AdjustmentDetail,
  ChargeLineDetail,
  EventDetail,
  PriceCardDetail,
  PricingExplanation,
} from './event-detail.ts';
import { EVENT_SUMMARY_COLUMNS, type EventSummaryRow, toEventSummary } from './read-events.ts';

const ofEvent = ofTable('e');

interface StoredUsage {
  readonly segments?: readonly {
    readonly model: string | null;
    readonly quantities: { readonly [meter: string]: number };
    readonly contextTokens: number;
  }[];
  readonly convention?: string;
  readonly speed?: string | null;
  readonly region?: string | null;
}

interface EventRow extends EventSummaryRow {
  readonly api_key_id: string | null;
  readonly trace_id: string | null;
  readonly span_id: string | null;
  readonly response_id: string | null;
  readonly service_tier: string;
  readonly input_cost: string;
  readonly output_cost: string;
  readonly other_cost: string;
  readonly list_cost: string | null;
  readonly usage: StoredUsage;
  readonly charge: readonly StoredLine[];
  readonly raw_usage: unknown;
  readonly price_version: string;
  readonly anomalies: EventDetail['anomalies'] | null;
  readonly metadata: unknown;
}

/**
 * The event of an id among the given tenants, or null: an id of another tenant is treated as unknown. Refuses an id
 * that several of the tenants use.
 *
 * @example await openEvent(tx, ['acme'], 'req-81');
 */
export async function openEvent(tx: Tx, tenants: readonly string[], id: string): Promise<EventDetail | null> {
  const { rows } = await tx.query<EventRow>(
    `select ${EVENT_SUMMARY_COLUMNS}, e.api_key_id, e.trace_id, e.span_id, e.response_id,
            ${USUAL_TEXTS.service_tier} as service_tier,
            e.input_cost, e.output_cost, ${storedSql('other_cost', ofEvent)} as other_cost, e.list_cost, usage_of(e) as usage, charge_of(e) as charge,
            raw_usage_of(e) as raw_usage, price_version_of(e) as price_version, e.anomalies, e.metadata
       from event_ids ids
       join usage_events e on e.tenant_id = ids.tenant_id and e.event_time = ids.event_time and e.id = ids.id
      where ids.tenant_id = any($1::text[]) and ids.id = $2::text
      limit 2`,
    [[...tenants], id],
  );
  const [row, second] = rows;
  if (row === undefined) return null;
  if (second !== undefined) {
    throw new AppError('invalid_parameter', 'tenant: several tenants have an event with this id, name one.', {
      details: [{ path: 'tenant', message: 'several tenants have an event with this id, name one' }],
    });
  }
  const lines = row.charge.map(toLine);
  return {
    ...toEventSummary(row),
    api_key_id: row.api_key_id,
    trace_id: row.trace_id,
    span_id: row.span_id,
    response_id: row.response_id,
    anomalies: row.anomalies ?? [],
    metadata: row.metadata,
    pricing: toExplanation(row, lines, await readCards(tx, lines)),
    adjustments: await readAdjustments(tx, row.tenant_id, row.id),
  };
}

function toExplanation(
  row: EventRow,
  lines: readonly ChargeLineDetail[],
  cards: readonly PriceCardDetail[],
): PricingExplanation {
  const summary = toEventSummary(row);
  return {
    convention: row.usage.convention ?? null,
    raw_usage: row.raw_usage,
    segments: (row.usage.segments ?? []).map((segment) => ({
      model: segment.model,
      context_tokens: segment.contextTokens,
      quantities: Object.entries(segment.quantities).map(([meter, quantity]) => ({
        meter,
        label: labelOf(meter),
        quantity,
      })),
    })),
    service_tier: row.service_tier,
    speed: row.usage.speed ?? null,
    region: row.usage.region ?? null,
    price_version: row.price_version,
    cards,
    lines,
    unpriced: [...new Set(lines.filter((line) => line.amount_usd === null).map((line) => line.meter))],
    input_cost_usd: plainUsd(row.input_cost),
    output_cost_usd: plainUsd(row.output_cost),
    other_cost_usd: plainUsd(row.other_cost),
    priced_subtotal_usd: summary.priced_subtotal_usd,
    cost_usd: summary.cost_usd,
    list_cost_usd: row.list_cost === null ? null : plainUsd(row.list_cost),
    reported_cost_usd: summary.reported_cost_usd,
  };
}

function labelOf(meter: string): string {
  if (meter === 'reported_difference') return "difference to the provider's own figure";
  return isMeter(meter) ? METERS[meter].label : meter;
}
const plainUsd = (numeric: string): string => printUsd(parseUsd(numeric));
const textOrNull = (value: StoredLine[number] | undefined): string | null =>
  value === undefined || value === null ? null : String(value);
const numberOrNull = (value: StoredLine[number] | undefined): number | null =>
  typeof value === 'number' ? value : null;

function toLine(stored: StoredLine): ChargeLineDetail {
  const [meter, quantity, rate, per, amount, card, segment, inherited, reason, step, billed] = stored;
  const name = String(meter);
  return {
    meter: name,
    label: labelOf(name),
    quantity: numberOrNull(quantity) ?? 0,
    unit: isMeter(name) ? METERS[name].unit : 'units',
    segment: numberOrNull(segment) ?? 0,
    rate: textOrNull(rate),
    per: numberOrNull(per),
    amount_usd: textOrNull(amount),
    card_id: textOrNull(card),
    inherited_from: textOrNull(inherited),
    threshold_from: numberOrNull(step),
    billed_quantity: numberOrNull(billed),
    reason: textOrNull(reason),
  };
}

/** The cards that priced the lines, as they were then: kept by content, whatever the book says today. */
async function readCards(tx: Tx, lines: readonly ChargeLineDetail[]): Promise<PriceCardDetail[]> {
  const ids = [...new Set(lines.flatMap((line) => (line.card_id === null ? [] : [line.card_id])))];
  if (ids.length === 0) return [];
  const { rows } = await tx.query<{ card: RateCard }>(
    'select card from price_cards where id = any($1::text[]) order by id',
    [ids],
  );
  return rows.map(({ card }) => ({
    id: card.id,
    provider: card.provider,
    model: card.model,
    from: card.from,
    to: card.to,
    tier: card.tier,
    speed: card.speed,
    region: card.region,
    time_of_day: card.timeOfDay ?? null,
    rates: Object.entries(card.rates).map(([meter, rate]) => ({
      meter,
      label: labelOf(meter),
      usd: rate.usd,
      per: rate.per,
      steps: rate.steps ?? [],
      provenance: provenanceOf(rate.provenance ?? card.provenance),
    })),
    provenance: provenanceOf(card.provenance),
  }));
}

function provenanceOf(read: RateCard['provenance']): PriceCardDetail['provenance'] {
  return { url: null, checked: null, ...read };
}

async function readAdjustments(tx: Tx, tenant: string, id: string): Promise<AdjustmentDetail[]> {
  const { rows } = await tx.query<{
    at: Date;
    reason: string;
    actor: string;
    old_cost: string | null;
    new_cost: string | null;
  }>(
    `select at, reason, actor, old_cost, new_cost from cost_adjustments
      where tenant_id = $1 and event_id = $2 order by id`,
    [tenant, id],
  );
  return rows.map((row) => ({
    at: row.at.toISOString(),
    reason: row.reason,
    actor: row.actor,
    old_cost_usd: row.old_cost === null ? null : plainUsd(row.old_cost),
    new_cost_usd: row.new_cost === null ? null : plainUsd(row.new_cost),
  }));
}
