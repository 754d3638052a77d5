/** `GET /readyz`: whether to send traffic here. 503 while the database is away or the server stops. */
import { AppError } from '@farthing/contract';
import { z } from 'zod';
import { bookStatus } from '../admin/price-schemas.ts';
import { endpoint } from '../endpoint.ts';
import { count } from '../schemas.ts';
import { diskState, readDiskState } from './disk-state.ts';

export const readyz = endpoint({
  access: 'public',
  summary: 'Whether to send traffic here.',
  description:
    '503 while the database is away or the server stops; the particulars are then in `error.details`. Events are taken and kept on disk while the database is away (`recorder.mode` is `spooling`).',
  tags: ['operations'],
  answer: z.object({
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
  }),
  errors: ['shutting_down', 'store_unavailable'],
  examples: [{ name: 'ask' }],
  async handle({ context }) {
    const { ok, latencyMs } = await context.db.health();
    const recorder = context.recorder.status();
    const state = {
      database: { ok, latency_ms: latencyMs === null ? null : Math.round(latencyMs * 100) / 100 },
      recorder: {
        mode: recorder.mode,
        queued_events: recorder.queuedEvents,
        spooled_events: recorder.spooledEvents,
        journal_events: context.journal.events,
        quarantined_events: recorder.quarantinedEvents,
        aside_events: recorder.asideEvents,
        isolated_events: recorder.isolatedEvents,
      },
      disk: {
        spool: await readDiskState(context.recorder.spool),
        journal: await readDiskState(context.journal.files),
      },
      prices: context.books.status(),
      streams: context.streams.size,
    };
    if (context.isDraining()) {
      throw new AppError('shutting_down', 'The server is stopping.', { details: state, retryAfter: 2 });
    }
    if (!ok) {
      throw new AppError(
        'store_unavailable',
        'The database does not answer; events are kept on disk meanwhile.',
        { details: state, retryAfter: 2 },
      );
    }
    return { status: 'ready' as const, ...state };
  },
});
