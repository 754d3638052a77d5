/** `GET /readyz`: whether to send traffic here. 503 while the database is away or the server stops. */
import { AppError, readinessAnswer } from '@farthing/contract';
import { endpoint } from '../endpoint.ts';
import { readDiskState } from './disk-state.ts';

export const readyz = endpoint({
  access: 'public',
  summary: 'Whether to send traffic here.',
  description:
    '503 while the database is away or the server stops; the particulars are then in `error.details`. Events are taken and kept on disk while the database is away (`recorder.mode` is `spooling`).',
  tags: ['operations'],
  answer: readinessAnswer,
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
