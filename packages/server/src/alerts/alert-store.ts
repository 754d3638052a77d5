/** Alerts in the database: each reported once, listed newest first. */
import type { AlertName, Severity, ThresholdPeriod, ThresholdScope } from '@farthing/contract';
import { parseDecimal, parseUsd, printDecimal, printUsd } from '@farthing/pricing';
import type { Tx } from '../db/database.ts';
import type { Alert, Crossing } from './alert.ts';
import { supersededIn } from './supersede.ts';

/**
 * Stores the crossings of one evaluation that are new and returns them, lower thresholds first. A crossing found by two
 * evaluations at once is stored once.
 */
export async function storeCrossings(tx: Tx, crossings: readonly Crossing[]): Promise<Alert[]> {
  // One order for every process: two that store the same crossings wait for each other, never in a circle.
  const rows = [...crossings]
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    .map((one, place) => ({ place, ...toRow(one) }));
  const { rows: stored } = await tx.query<AlertRow>(
    `insert into alerts (tenant_id, alert_name, severity, message, metric_value, threshold, cost_usd, limit_usd, scope,
       subject, period, period_start, threshold_id, crossing)
     select tenant_id, alert_name, severity, message, metric_value, threshold, cost_usd, limit_usd, scope, subject, period,
       period_start, threshold_id, crossing
       from jsonb_to_recordset($1::jsonb) as found (place int, tenant_id text, alert_name text, severity text, message text,
         metric_value numeric, threshold numeric, cost_usd numeric, limit_usd numeric, scope text, subject text,
         period text, period_start timestamptz, threshold_id uuid, crossing text)
      where not exists (
        select from alerts told
         where told.tenant_id is not distinct from found.tenant_id and told.alert_name = found.alert_name
           and told.subject is not distinct from found.subject and told.period_start = found.period_start
           and told.crossing = found.crossing)
      order by place
     on conflict do nothing
     returning ${COLUMNS}`,
    [JSON.stringify(rows)],
  );
  return supersede(tx, stored.map(toAlert));
}

async function supersede(tx: Tx, told: readonly Alert[]): Promise<Alert[]> {
  const superseded = supersededIn(told);
  if (superseded.size > 0) {
    await tx.query(
      `update alerts set superseded_by = above.id
         from unnest($1::bigint[], $2::bigint[]) as above (lower, id) where alerts.id = above.lower`,
      [[...superseded.keys()], [...superseded.values()]],
    );
  }
  return told.map((alert) => ({ ...alert, supersededBy: superseded.get(alert.id) ?? null }));
}

/** Which alerts to list. */
export interface AlertFilter {
  readonly severity?: Severity | undefined;
  readonly alertName?: AlertName | undefined;
  readonly scope?: ThresholdScope | undefined;
  readonly subject?: string | undefined;
  /** `hidden` (the default) leaves out alerts that another one supersedes. */
  readonly superseded?: 'hidden' | 'shown' | undefined;
  /** When they were reported, Unix milliseconds, `[from, to)`; null = open. */
  readonly from: number | null;
  readonly to: number | null;
}

/** Newest first. `everyone`: those about the sum of all tenants too. */
export async function listAlerts(
  tx: Tx,
  query: {
    readonly tenants: readonly string[];
    readonly everyone: boolean;
    readonly filter: AlertFilter;
    /** Id of the last alert of the page before. */
    readonly after: string | null;
    readonly limit: number;
  },
): Promise<Alert[]> {
  const { tenants, everyone, filter, after, limit } = query;
  const at = (time: number | null) => (time === null ? null : new Date(time));
  const { rows } = await tx.query<AlertRow>(
    `select ${COLUMNS} from alerts
      where (tenant_id = any($1::text[]) or ($2::boolean and tenant_id is null))
        and ($3::text is null or severity = $3) and ($4::text is null or alert_name = $4)
        and ($5::text is null or scope = $5) and ($6::text is null or subject = $6)
        and ($7::timestamptz is null or created_at >= $7) and ($8::timestamptz is null or created_at < $8)
        and ($9::bigint is null or id < $9) and ($10::boolean or superseded_by is null)
      order by id desc limit $11`,
    [
      tenants,
      everyone,
      filter.severity ?? null,
      filter.alertName ?? null,
      filter.scope ?? null,
      filter.subject ?? null,
      at(filter.from),
      at(filter.to),
      after,
      filter.superseded === 'shown',
      limit,
    ],
  );
  return rows.map(toAlert);
}

interface AlertRow {
  readonly id: string;
  readonly tenant_id: string | null;
  readonly alert_name: AlertName;
  readonly severity: Severity;
  readonly message: string;
  readonly metric_value: string;
  readonly threshold: string;
  readonly cost_usd: string;
  readonly limit_usd: string;
  readonly scope: ThresholdScope;
  readonly subject: string | null;
  readonly period: ThresholdPeriod;
  readonly period_start: Date;
  readonly threshold_id: string | null;
  readonly superseded_by: string | null;
  readonly created_at: Date;
}

const COLUMNS = `id, tenant_id, alert_name, severity, message, metric_value, threshold, cost_usd, limit_usd, scope, subject,
  period, period_start, threshold_id, superseded_by, created_at`;

/** Lower thresholds come first, so they are reported first. */
const keyOf = ({ tenant, alertName, subject, periodStart, threshold, crossing }: Crossing): string =>
  [tenant, alertName, subject, periodStart, threshold.padStart(24, '0'), crossing].join('\0');

const toRow = (one: Crossing) => ({
  tenant_id: one.tenant,
  alert_name: one.alertName,
  severity: one.severity,
  message: one.message,
  metric_value: one.metricValue,
  threshold: one.threshold,
  cost_usd: one.costUsd,
  limit_usd: one.limitUsd,
  scope: one.scope,
  subject: one.subject,
  period: one.period,
  period_start: new Date(one.periodStart).toISOString(),
  threshold_id: one.thresholdId,
  crossing: one.crossing,
});

const plain = (decimal: string): string => printDecimal(parseDecimal(decimal));

function toAlert(row: AlertRow): Alert {
  return {
    id: row.id,
    tenant: row.tenant_id,
    alertName: row.alert_name,
    severity: row.severity,
    message: row.message,
    metricValue: plain(row.metric_value),
    threshold: plain(row.threshold),
    costUsd: printUsd(parseUsd(row.cost_usd)),
    limitUsd: printUsd(parseUsd(row.limit_usd)),
    scope: row.scope,
    subject: row.subject,
    period: row.period,
    periodStart: row.period_start,
    thresholdId: row.threshold_id,
    supersededBy: row.superseded_by,
    createdAt: row.created_at,
  };
}
