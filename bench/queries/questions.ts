/** What is asked: the reads of the overview page, of the dashboard route and of the event list. */

import type { CostFilters, Dimension } from '../../packages/server/src/costs/cost-query.ts';
import { runCostQuery } from '../../packages/server/src/costs/run-cost-query.ts';
import { withScope } from '../../packages/server/src/costs/with-scope.ts';
import type { Database } from '../../packages/server/src/db/database.ts';
import { eventListInput, listEvents } from '../../packages/server/src/event-list/list-events.ts';
import { readOverviewBreakdown } from '../../packages/server/src/overview/breakdown.ts';
import { readOverviewCards } from '../../packages/server/src/overview/cards.ts';
import { readDashboard } from '../../packages/server/src/overview/dashboard.ts';
import {
  overviewBreakdownInput,
  overviewCardsInput,
  overviewSeriesInput,
} from '../../packages/server/src/overview/overview.ts';
import { readOverviewSeries } from '../../packages/server/src/overview/series.ts';
import { BEGIN, END } from './generate.ts';
import { MODELS } from './shapes.ts';

/** Who asks: one tenant, or an administrator over all. */
export interface Asker {
  readonly name: string;
  readonly tenant: string | null;
}

export interface Question {
  readonly group: 'overview' | 'longer' | 'other zone' | 'events' | 'for information';
  readonly name: string;
  ask(db: Database, tenant: string | null): Promise<unknown>;
}

const QUARTER = new Date(BEGIN).toISOString().slice(0, 10);
/** As the routes ask. */
const PREPARED = { prepared: true };
const OTHER_ZONE = 'Asia/Kolkata';

type Range = { readonly from?: string; readonly timezone?: string; readonly filters?: CostFilters };

const cards = (name: string, group: Question['group'], input: Range = {}): Question => ({
  group,
  name,
  ask: (db, tenant) =>
    withScope(
      db,
      tenant,
      (scope) => readOverviewCards(scope, overviewCardsInput.parse(input), END),
      PREPARED,
    ),
});

const series = (by: Dimension, group: Question['group'], name: string, input: Range = {}): Question => ({
  group,
  name: `series by ${by}${name}`,
  ask: (db, tenant) =>
    withScope(
      db,
      tenant,
      (scope) => readOverviewSeries(scope, overviewSeriesInput.parse({ ...input, by, compare: true }), END),
      PREPARED,
    ),
});

const breakdown = (by: Dimension, group: Question['group'], name: string, input: Range = {}): Question => ({
  group,
  name: `breakdown by ${by}${name}`,
  ask: (db, tenant) =>
    withScope(
      db,
      tenant,
      (scope) => readOverviewBreakdown(scope, overviewBreakdownInput.parse({ ...input, by }), END),
      PREPARED,
    ),
});

const dashboard = (group: Question['group'], timezone?: string): Question => ({
  group,
  name: 'dashboard route',
  ask: (db, tenant) =>
    withScope(db, tenant, (scope) => readDashboard(scope, { limit: 10, timezone }, END), PREPARED),
});

const events = (name: string, input: object = {}): Question => ({
  group: 'events',
  name,
  ask: (db, tenant) => withScope(db, tenant, (scope) => listEvents(scope, eventListInput.parse(input))),
});

/** Values to filter by, taken from the events that are there. */
export interface Samples {
  readonly workflow: string;
  readonly user: string;
  readonly rareUser: string;
  readonly customer: string;
  readonly cursor: string;
}

export function questions(samples: Samples): readonly Question[] {
  const elsewhere = { timezone: OTHER_ZONE };
  const far = { from: QUARTER };
  return [
    cards('cards', 'overview'),
    ...(['model', 'provider', 'agent', 'project', 'environment', 'tag.team'] as const).flatMap((by) => [
      series(by, 'overview', ''),
      breakdown(by, 'overview', ''),
    ]),
    cards('cards of one agent', 'overview', { filters: { agent: ['agent-3'] } }),
    dashboard('overview'),
    breakdown('user', 'longer', ', month'),
    breakdown('workflow', 'longer', ', month'),
    series('user', 'longer', ', month'),
    cards('cards, 90 days', 'longer', far),
    series('model', 'longer', ', 90 days', far),
    series('agent', 'longer', ', 90 days', far),
    breakdown('model', 'longer', ', 90 days', far),
    breakdown('agent', 'longer', ', 90 days', far),
    cards('cards', 'other zone', elsewhere),
    series('model', 'other zone', '', elsewhere),
    series('agent', 'other zone', '', elsewhere),
    breakdown('model', 'other zone', '', elsewhere),
    breakdown('agent', 'other zone', '', elsewhere),
    dashboard('other zone', OTHER_ZONE),
    events('newest'),
    events('a later page', { cursor: samples.cursor }),
    events('of a workflow', { filter: { workflow: samples.workflow } }),
    events('of a user', { filter: { user: samples.user } }),
    events('of a user who is rarely seen', { filter: { user: samples.rareUser } }),
    events('of a tag', { filter: { tags: { team: 'team-3' } } }),
    events('of a tag that is rare', { filter: { tags: { customer: samples.customer } } }),
    events('of a tag that is nowhere', { filter: { tags: { customer: 'nobody' } } }),
    events('of a model', { filter: { model: MODELS[7] } }),
    events('of an agent', { filter: { agent: 'agent-11' } }),
    events('failed', { filter: { status: 'error' } }),
    events('without a price', { filter: { unpriced: true } }),
    {
      group: 'for information',
      name: 'two further dimensions, a week, from events',
      ask: (db, tenant) =>
        withScope(db, tenant, (scope) =>
          runCostQuery(scope, {
            from: END - 7 * 86_400_000,
            to: END,
            timezone: 'UTC',
            bucket: 'day',
            groupBy: ['agent', 'project'],
            filters: {},
            measures: ['cost', 'requests'],
            rankBy: 'cost',
            compare: null,
            limit: 10,
          }),
        ),
    },
    {
      group: 'for information',
      name: 'latency quantiles by model, 90 days',
      ask: (db, tenant) =>
        withScope(db, tenant, (scope) =>
          runCostQuery(scope, {
            from: BEGIN,
            to: END,
            timezone: scope.timezone,
            bucket: null,
            groupBy: ['model'],
            filters: {},
            measures: ['latency_p50', 'latency_p95', 'latency_p99'],
            rankBy: 'latency_p95',
            compare: null,
            limit: 10,
          }),
        ),
    },
  ];
}
