/** Thresholds and their alerts, for the API and the dashboard. */

import { EARLIEST, LATEST } from '../clock/interval.ts';
import { withScope } from '../costs/with-scope.ts';
import type { Database } from '../db/database.ts';
import type { Log } from '../db/log.ts';
import { decodePageCursor, encodePageCursor } from '../parameters/page-cursor.ts';
import { refuseParameter } from '../parameters/refuse.ts';
import { type AskedRange, resolveRange } from '../parameters/time-range.ts';
import type { Alert } from './alert.ts';
import { type AlertFilter, listAlerts } from './alert-store.ts';
import { evaluateAlerts } from './evaluate.ts';
import { createThresholdStore, type ThresholdStore } from './threshold-store.ts';

/** Which alerts, newest first. */
export interface AlertListQuery extends AskedRange, Omit<AlertFilter, 'from' | 'to'> {
  readonly timezone?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export interface AlertPage {
  readonly alerts: readonly Alert[];
  /** Null at the end. */
  readonly nextCursor: string | null;
}

export interface Alerts {
  readonly thresholds: ThresholdStore;
  /** Tells what has been reached since it was last asked; see {@link evaluateAlerts}. */
  evaluate(tenant: string | null): Promise<readonly Alert[]>;
  /** One page of one tenant's, or (null) of everyone's and those about their sum. */
  list(tenant: string | null, query: AlertListQuery): Promise<AlertPage>;
}

export interface AlertsOptions {
  readonly db: Database;
  readonly log: Log;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Monthly limit of agents without their own. */
  readonly defaultLimitPicos: bigint;
}

export function createAlerts(options: AlertsOptions): Alerts {
  const { db } = options;
  const thresholds = createThresholdStore(db);
  return {
    thresholds,
    evaluate: (tenant) => evaluateAlerts({ ...options, thresholds }, tenant),
    list: (tenant, { from, to, timezone, cursor, limit, ...filter }) =>
      withScope(db, tenant, async (scope) => {
        const range = resolveRange({ from, to }, { from: EARLIEST, to: LATEST }, timezone ?? scope.timezone);
        const found = await listAlerts(scope.tx, {
          tenants: scope.tenants.map(({ id }) => id),
          everyone: tenant === null,
          filter: {
            ...filter,
            from: from === undefined ? null : range.from,
            to: to === undefined ? null : range.to,
          },
          after: cursor === undefined ? null : idOf(cursor),
          limit: limit + 1,
        });
        const alerts = found.slice(0, limit);
        const last = alerts.at(-1);
        return {
          alerts,
          nextCursor: found.length > limit && last !== undefined ? encodePageCursor([last.id]) : null,
        };
      }),
  };
}

function idOf(cursor: string): string {
  const [id = ''] = decodePageCursor(cursor, 1);
  if (!/^\d{1,18}$/.test(id)) throw refuseParameter('cursor', 'is not one that an earlier page gave');
  return id;
}
