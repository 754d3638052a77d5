/** Data of the overview page: cards, spend over time, breakdown. Money as decimal strings. */
import type { TokenTotals } from '@farthing/pricing';
import { z } from 'zod';
import { BUCKETS, type Bucket } from '../clock/buckets.ts';
import { dimensionInput, filtersInput } from '../costs/cost-query.ts';
import { tenantInput } from '../parameters/tenant.ts';
import { pointInTimeInput, timeZoneInput } from '../parameters/time-range.ts';

const scope = {
  /** Administrators: one tenant; absent = all they see. A tenant's key may only name its own. */
  tenant: tenantInput.optional(),
  /** IANA zone; absent = the tenant's reporting zone. */
  timezone: timeZoneInput.optional(),
  /** RFC 3339 instant or plain date (the start of that day in the zone). Absent: start of this month. */
  from: pointInTimeInput.optional(),
  /** RFC 3339 instant (exclusive) or plain date (that day included). Absent: now. */
  to: pointInTimeInput.optional(),
  filters: filtersInput.optional(),
};

export const overviewCardsInput = z.strictObject(scope);
export type OverviewCardsInput = z.infer<typeof overviewCardsInput>;

export const overviewSeriesInput = z.strictObject({
  ...scope,
  by: dimensionInput.default('model'),
  /** Absent: chosen by the length of the range (≤ 2 days: hour, ≤ 92: day, ≤ 370: week, else month). */
  bucket: z.enum(BUCKETS).optional(),
  limit: z.int().min(1).max(25).default(8),
  compare: z.boolean().default(false),
});
export type OverviewSeriesInput = z.infer<typeof overviewSeriesInput>;

export const overviewBreakdownInput = z.strictObject({
  ...scope,
  by: dimensionInput.default('model'),
  limit: z.int().min(1).max(1000).default(50),
});
export type OverviewBreakdownInput = z.infer<typeof overviewBreakdownInput>;

/** A named stretch of time, RFC 3339 UTC, `to` exclusive. */
export interface Period {
  /** `2026-11-22`, `2026-11`, or `2026-10-01 – 2026-10-22` for the same days of another month. */
  readonly label: string;
  readonly from: string;
  readonly to: string;
}

export interface SpendCard extends Period {
  readonly costUsd: string;
  readonly previous: Period & { readonly costUsd: string };
  /** Change in percent with one decimal (`12.4`, `-3.1`); null when the previous period cost nothing. */
  readonly changePct: number | null;
}

export interface Projection {
  /** Null while there is nothing to project from. */
  readonly costUsd: string | null;
  readonly lowUsd: string | null;
  readonly highUsd: string | null;
  readonly confidence: 'high' | 'medium' | 'low';
  /** Complete days the projection rests on. */
  readonly daysSeen: number;
}

export interface OverviewCards {
  readonly timezone: string;
  /** When this was computed. */
  readonly asOf: string;
  /** Today until now, against yesterday until the same time of day. */
  readonly today: SpendCard;
  /** This month until now, against the same days of the previous month until the same time. */
  readonly month: SpendCard;
  readonly projection: Projection;
  /** Sums over the asked range (default: this month), each against the same length before. */
  readonly range: Period & {
    readonly costUsd: string;
    readonly requests: number;
    readonly errors: number;
    /** errors / requests in percent; null without requests. */
    readonly errorRatePct: number | null;
    readonly unpricedRequests: number;
    readonly tokens: TokenTotals;
    readonly previous: Period & {
      readonly costUsd: string;
      readonly requests: number;
      readonly errors: number;
      readonly unpricedRequests: number;
      readonly tokens: TokenTotals;
    };
    readonly changePct: number | null;
  };
  readonly allTime: {
    readonly costUsd: string;
    readonly requests: number;
    readonly unpricedRequests: number;
    /** Day of the first event; null when there is none: show the empty state. */
    readonly since: string | null;
  };
  /** Last 24 hours by hour and last 30 days by day, oldest first; the last one is still filling. */
  readonly sparklines: {
    readonly hours: readonly SparkPoint[];
    readonly days: readonly SparkPoint[];
  };
}

export interface SparkPoint {
  /** Start of the bucket, RFC 3339 UTC. */
  readonly start: string;
  readonly costUsd: string;
  readonly requests: number;
}

export interface SeriesBucket {
  /** `2026-11-22T14:00`, `2026-11-22`, `2026-W47`, `2026-11` in the zone. */
  readonly label: string;
  readonly start: string;
  readonly end: string;
  /** Still filling: hatch it. */
  readonly partial: boolean;
  readonly costUsd: string;
  readonly requests: number;
  /** The matching bucket of the compared period; null where nothing was compared. */
  readonly previousCostUsd: string | null;
}

export interface OverviewSeries {
  readonly by: string;
  readonly bucket: Bucket;
  readonly timezone: string;
  readonly from: string;
  readonly to: string;
  readonly buckets: readonly SeriesBucket[];
  /** Highest spend first. `costsUsd` has one entry per bucket. */
  readonly groups: readonly SeriesGroup[];
  /** The rest, summed; null when every group is named. `groupCount` groups in all: "8 of 23 models". */
  readonly other: SeriesGroup | null;
  readonly groupCount: number;
  readonly totalCostUsd: string;
  readonly previous: Period | null;
}

export interface SeriesGroup {
  /** "" where the events carry no value of the dimension. */
  readonly key: string;
  /** Provider of a model; null for other dimensions. */
  readonly provider: string | null;
  readonly costUsd: string;
  readonly costsUsd: readonly string[];
  readonly requests: readonly number[];
}

export interface BreakdownRow {
  readonly key: string;
  readonly provider: string | null;
  readonly costUsd: string;
  /** Share of the total in percent, two decimals. */
  readonly sharePct: number;
  readonly requests: number;
  readonly errors: number;
  readonly unpricedRequests: number;
  readonly tokens: TokenTotals;
  readonly previousCostUsd: string;
  /** Null: no earlier period to compare with. */
  readonly changePct: number | null;
}

export interface OverviewBreakdown {
  readonly by: string;
  readonly timezone: string;
  readonly period: Period;
  readonly previous: Period;
  readonly rows: readonly BreakdownRow[];
  /** Null when every row is listed. */
  readonly other: Omit<BreakdownRow, 'key' | 'provider'> | null;
  readonly groupCount: number;
  readonly total: Omit<BreakdownRow, 'key' | 'provider' | 'sharePct'>;
}
