/** Figures from PostgreSQL: from rollups if they can answer, else from single events. */
import type { Tx } from '../../db/database.ts';
import type { CostStore } from '../cost-store.ts';
import { countDays, readChargeLines } from './charge-lines.ts';
import { readEventExtras } from './event-extras.ts';
import { readEventPage } from './event-page.ts';
import { coverPlan } from './pieces.ts';
import { rollupReach } from './reach.ts';
import { sumAtOnce } from './sum-at-once.ts';
import { sumPlan } from './sum-plan.ts';
import { readFirstDay, readWorkflowCalls, readWorkflowTimes, stretchesWithCalls } from './when-used.ts';

/** `eventsOnly` leaves rollups out of cost queries where they would do: tests compare the two. */
export interface PostgresCostsOptions {
  readonly eventsOnly?: boolean;
}

/**
 * Answers within a transaction, as far as its role sees.
 *
 * @example const costs = createPostgresCosts(tx); await costs.firstDay(tenants);
 */
export function createPostgresCosts(tx: Tx, options: PostgresCostsOptions = {}): CostStore {
  return {
    check: (tenants, plan) => {
      coverPlan(plan, tenants, options);
    },
    sum: async (tenants, plan) => sumPlan(tx, plan, coverPlan(plan, tenants, options)),
    sumPeriods: (tenants, asked) => sumAtOnce(tx, tenants, asked),
    outlivesEvents: (dimensions) => rollupReach(dimensions).known,
    firstDay: (tenants) => readFirstDay(tx, tenants),
    stretchesWithCalls: (stretches) => stretchesWithCalls(tx, stretches),
    workflowTimes: (tenants, workflow) => readWorkflowTimes(tx, tenants, workflow),
    workflowCalls: (stretch, workflow) => readWorkflowCalls(tx, stretch, workflow),
    events: (tenants, asked) => readEventPage(tx, tenants, asked),
    eventExtras: (events) => readEventExtras(tx, events),
    countDays: (tenants, interval) => countDays(tx, tenants, interval),
    chargeLines: (asked) => readChargeLines(tx, asked),
  };
}
