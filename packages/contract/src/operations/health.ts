/** `/healthz` and `/readyz`. */
import { z } from 'zod';
import { bookStatus } from '../prices/book.ts';
import { type AnswerOf, count } from '../values.ts';

export const healthAnswer = z.object({ status: z.literal('ok') });

/** The state of a folder in which events wait. */
const diskState = z.object({
  refusing: z.boolean().meta({
    description: 'Nothing more can be kept on disk now: it fails, or its bound is reached. Ends by itself.',
  }),
  damaged_files: count.meta({ description: 'Damaged stretches that somebody should look at.' }),
  set_aside_events: count.meta({
    description: 'Events that neither the ledger nor the quarantine could hold.',
  }),
});
export type DiskStateAnswer = AnswerOf<typeof diskState>;

export const readinessAnswer = z.object({
  status: z.literal('ready'),
  database: z.object({ ok: z.boolean(), latency_ms: z.number().nullable() }),
  recorder: z.object({
    mode: z.enum(['open', 'spooling', 'replaying', 'closed']),
    queued_events: count,
    spooled_events: count,
    journal_events: count.meta({ description: 'Durable, on their way into the ledger.' }),
    quarantined_events: count,
    aside_events: count.meta({
      description:
        'Waiting apart from the others: the database gave up on a batch with them, or on their key’s events before.',
    }),
    isolated_events: count.meta({
      description:
        'Refused or put into quarantine since the start because the database gave up on them alone; the log names them.',
    }),
  }),
  disk: z
    .object({ spool: diskState, journal: diskState })
    .meta({ description: 'The folders in which events wait.' }),
  prices: bookStatus.meta({ description: 'With a problem the last good prices are in force.' }),
  streams: count,
});
