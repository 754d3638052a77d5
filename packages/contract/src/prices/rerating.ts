/** `/api/admin/rerating`: runs that rate history again. */
import { z } from 'zod';
import { type AnswerOf, count, instantText } from '../values.ts';

const money = z.string().meta({ description: 'US dollars as decimal text.' });

const open = instantText.nullable();

/** A re-rating run with its progress. */
export const reratingRunAnswer = z
  .object({
    id: z.uuid(),
    status: z.enum(['running', 'done', 'cancelled', 'failed']),
    dry_run: z.boolean(),
    reason: z.string(),
    created_at: instantText,
    created_by: z.string(),
    finished_at: open,
    tenant: z.string().nullable(),
    provider: z.string().nullable(),
    model: z.string().nullable(),
    from: open,
    to: open,
    unpriced_only: z.boolean(),
    expected: count.nullable().meta({ description: 'Events selected; null until they are counted.' }),
    scanned: count,
    changed: count,
    longest_ms: z.number().meta({ description: 'The longest transaction of the run.' }),
    error: z.string().nullable(),
  })
  .meta({ id: 'ReratingRun', description: 'A re-rating run with its progress.' });

export type ReratingRunAnswer = AnswerOf<typeof reratingRunAnswer>;

/** What a run changed of one model on one UTC day. */
const dayDifference = z.object({
  tenant: z.string(),
  day: z.string(),
  provider: z.string(),
  model: z.string(),
  events: count,
  old_usd: money,
  new_usd: money,
  old_unpriced: count,
  new_unpriced: count,
});

/** A run with what it changed, or would change. */
export const reratingAnswer = reratingRunAnswer.extend({ differences: z.array(dayDifference) });
export type ReratingAnswer = AnswerOf<typeof reratingAnswer>;

export const reratingRunsAnswer = z.object({ runs: z.array(reratingRunAnswer) });
