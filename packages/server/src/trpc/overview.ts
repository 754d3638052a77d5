/** The overview page. */

import { withScope } from '../costs/with-scope.ts';
import { readableTenant } from '../http/callers/access.ts';
import { readOverviewBreakdown } from '../overview/breakdown.ts';
import { readOverviewCards } from '../overview/cards.ts';
import {
  type OverviewBreakdown,
  type OverviewCards,
  type OverviewSeries,
  overviewBreakdownInput,
  overviewCardsInput,
  overviewSeriesInput,
} from '../overview/overview.ts';
import { readOverviewSeries } from '../overview/series.ts';
import { procedure, router } from './trpc.ts';

export const overviewRouter = router({
  cards: procedure.input(overviewCardsInput).query(({ ctx, input }): Promise<OverviewCards> => {
    const { db, now } = ctx.services;
    const tenant = readableTenant(ctx.identity, input.tenant);
    return withScope(db, tenant, (scope) => readOverviewCards(scope, input, now()), { prepared: true });
  }),
  series: procedure.input(overviewSeriesInput).query(({ ctx, input }): Promise<OverviewSeries> => {
    const { db, now } = ctx.services;
    const tenant = readableTenant(ctx.identity, input.tenant);
    return withScope(db, tenant, (scope) => readOverviewSeries(scope, input, now()), { prepared: true });
  }),
  breakdown: procedure.input(overviewBreakdownInput).query(({ ctx, input }): Promise<OverviewBreakdown> => {
    const { db, now } = ctx.services;
    const tenant = readableTenant(ctx.identity, input.tenant);
    return withScope(db, tenant, (scope) => readOverviewBreakdown(scope, input, now()), { prepared: true });
  }),
});
