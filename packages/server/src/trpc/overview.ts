/** The overview page. */
import { overviewBreakdownInput, overviewCardsInput, overviewSeriesInput } from '../insights/overview.ts';
import { procedure, router } from './trpc.ts';

export const overviewRouter = router({
  cards: procedure
    .input(overviewCardsInput)
    .query(({ ctx, input }) => ctx.services.overviewCards(ctx.viewer, input)),
  series: procedure
    .input(overviewSeriesInput)
    .query(({ ctx, input }) => ctx.services.overviewSeries(ctx.viewer, input)),
  breakdown: procedure
    .input(overviewBreakdownInput)
    .query(({ ctx, input }) => ctx.services.overviewBreakdown(ctx.viewer, input)),
});
