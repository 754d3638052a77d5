/** Thresholds, and what has been reached. */
import { AppError } from '@farthing/contract';
import { printUsd } from '@farthing/pricing';
import { z } from 'zod';
import { AGENT_THRESHOLDS } from '../alerts/agent-thresholds.ts';
import { ALERT_NAMES, type Alert } from '../alerts/alert.ts';
import { listThresholds } from '../alerts/list-thresholds.ts';
import {
  MAX_THRESHOLDS,
  readThreshold,
  SEVERITIES,
  type Severity,
  THRESHOLD_SCOPES,
  type Threshold,
  thresholdInput,
} from '../alerts/threshold.ts';
import { readableTenant } from '../http/callers/access.ts';
import { filterValueInput } from '../ledger/event-filter.ts';
import { cursorInput } from '../parameters/page-cursor.ts';
import { tenantInput } from '../parameters/tenant.ts';
import { pointInTimeInput, timeZoneInput } from '../parameters/time-range.ts';
import { actorOf } from '../tenants/identity.ts';
import { procedure, procedureFor, router } from './trpc.ts';

/** An alert; `metricValue` and `threshold` are per cent for agents, USD for the others. Decimal text, RFC 3339. */
export interface AlertRow extends Omit<Alert, 'periodStart' | 'createdAt'> {
  readonly periodStart: string;
  readonly createdAt: string;
}

export interface AlertRows {
  readonly alerts: readonly AlertRow[];
  readonly nextCursor: string | null;
}

/** A threshold; the amount is decimal text. */
export interface ThresholdRow extends Omit<Threshold, 'amountPicos' | 'createdAt' | 'updatedAt'> {
  readonly amountUsd: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface ThresholdRows {
  readonly thresholds: readonly ThresholdRow[];
  /** Shares of every agent's limit, which always apply. */
  readonly agentBudget: readonly { readonly pct: number; readonly severity: Severity }[];
  readonly nextCursor: string | null;
}

const paging = {
  cursor: cursorInput.optional(),
  /** What TanStack's infinite queries add; the lists only go forward. */
  direction: z.literal('forward').optional(),
};

const changing = procedureFor('alerts:write');
const byId = z.strictObject({ id: z.string().min(1).max(64) });

export const alertsRouter = router({
  list: procedure
    .input(
      z.strictObject({
        ...paging,
        tenant: tenantInput.optional(),
        from: pointInTimeInput.optional(),
        to: pointInTimeInput.optional(),
        timezone: timeZoneInput.optional(),
        severity: z.enum(SEVERITIES).optional(),
        alertName: z.enum(ALERT_NAMES).optional(),
        scope: z.enum(THRESHOLD_SCOPES).optional(),
        subject: filterValueInput.min(1).optional(),
        limit: z.int().min(1).max(1000).default(50),
      }),
    )
    .query(async ({ ctx, input: { tenant: asked, direction: _, ...query } }): Promise<AlertRows> => {
      const { alerts } = ctx.services;
      const tenant = readableTenant(ctx.identity, asked);
      if (query.cursor === undefined) await alerts.evaluate(tenant);
      const page = await alerts.list(tenant, query);
      return { alerts: page.alerts.map(toAlertRow), nextCursor: page.nextCursor };
    }),
  thresholds: procedure
    .input(
      z.strictObject({
        ...paging,
        tenant: tenantInput.optional(),
        limit: z.int().min(1).max(MAX_THRESHOLDS).default(MAX_THRESHOLDS),
      }),
    )
    .query(async ({ ctx, input: { tenant, cursor, limit } }): Promise<ThresholdRows> => {
      const { thresholds: store } = ctx.services.alerts;
      const page = await listThresholds(store, readableTenant(ctx.identity, tenant), { cursor, limit });
      return {
        thresholds: page.thresholds.map(toThresholdRow),
        agentBudget: AGENT_THRESHOLDS,
        nextCursor: page.nextCursor,
      };
    }),
  createThreshold: changing
    .input(thresholdInput.extend({ tenant: tenantInput.optional() }))
    .mutation(async ({ ctx, input: { tenant: asked, ...input } }): Promise<ThresholdRow> => {
      const tenant = readableTenant(ctx.identity, asked);
      const { thresholds } = ctx.services.alerts;
      return toThresholdRow(
        await thresholds.create(tenant, readThreshold(input, tenant), actorOf(ctx.identity)),
      );
    }),
  replaceThreshold: changing
    .input(thresholdInput.extend({ id: byId.shape.id }))
    .mutation(async ({ ctx, input: { id, ...input } }): Promise<ThresholdRow> => {
      const { thresholds } = ctx.services.alerts;
      const reach = ctx.identity.tenantId;
      const there = found(await thresholds.find(reach, id));
      const terms = readThreshold(input, there.tenant);
      return toThresholdRow(found(await thresholds.replace(reach, id, terms, actorOf(ctx.identity))));
    }),
  removeThreshold: changing.input(byId).mutation(async ({ ctx, input: { id } }): Promise<ThresholdRow> => {
    const { thresholds } = ctx.services.alerts;
    return toThresholdRow(found(await thresholds.remove(ctx.identity.tenantId, id, actorOf(ctx.identity))));
  }),
});

function found(threshold: Threshold | null): Threshold {
  if (threshold === null) throw new AppError('not_found', 'There is no such threshold.');
  return threshold;
}

const toAlertRow = ({ periodStart, createdAt, ...alert }: Alert): AlertRow => ({
  ...alert,
  periodStart: periodStart.toISOString(),
  createdAt: createdAt.toISOString(),
});

const toThresholdRow = ({ amountPicos, createdAt, updatedAt, ...threshold }: Threshold): ThresholdRow => ({
  ...threshold,
  amountUsd: printUsd(amountPicos),
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});
