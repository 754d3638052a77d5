/** `/api/admin/invariants`: what the watch over the ledger has found. */
import { z } from 'zod';
import { type AnswerOf, count, instantText } from '../values.ts';

/** I3: Σ events = Σ rollups. I8: the lines of a charge are its charge; quantities are never negative. */
export const INVARIANTS = ['I3', 'I8'] as const;
export type Invariant = (typeof INVARIANTS)[number];

const invariantDifference = z
  .object({
    tenant: z.string(),
    table: z.enum(['rollups_15m', 'rollups_day', 'usage_events']),
    bucket: z.string().meta({ description: 'Quarter hour, local day, or time of the event.' }),
    dimension: z.string().nullable(),
    row: z.string().meta({
      description: 'Value, provider, model and operation of a row of sums; or the id of the event.',
    }),
    columns: z.array(z.object({ column: z.string(), expected: z.string(), found: z.string() })),
    different: count.meta({ description: 'Rows that differ in the same day.' }),
  })
  .meta({ id: 'InvariantDifference', description: 'The first place where an invariant does not hold.' });

const invariantCheck = z
  .object({
    invariant: z.enum(INVARIANTS),
    ok: z.boolean(),
    checked_at: instantText,
    broken_since: instantText.nullable(),
    duration_ms: z.number(),
    covered: z.object({
      recent_days: count.meta({ description: 'Days of the last 48 hours, over all tenants.' }),
      recent_days_of: count.meta({ description: 'How many there are.' }),
      sampled_days: count.meta({ description: 'Earlier days, drawn at random.' }),
      days_without_events: count.meta({ description: 'Of both, days below a watermark.' }),
      compared: count.meta({ description: 'Rows of sums, or events, that were looked at.' }),
      skipped_days: count.meta({ description: 'Days given up because they took too long at once.' }),
    }),
    difference: invariantDifference.nullable(),
  })
  .meta({
    id: 'InvariantCheck',
    description:
      'I3: sums equal events, to the picodollar. I8: a charge equals its lines, quantities are not negative.',
  });

export type InvariantCheckAnswer = AnswerOf<typeof invariantCheck>;

export const invariantsAnswer = z.object({ invariants: z.array(invariantCheck) });

export const invariantProofAnswer = z.object({ finished: z.boolean(), invariants: z.array(invariantCheck) });
export type InvariantProofAnswer = AnswerOf<typeof invariantProofAnswer>;
