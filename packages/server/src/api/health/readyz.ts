/** `GET /readyz`: whether to send traffic here. 503 while the database is away or the server stops. */
import { AppError } from '@farthing/contract';
import type { Endpoint } from '../endpoint.ts';

export const readyz: Endpoint = {
  access: 'public',
  async handle(context) {
    const { ok, latencyMs } = await context.db.health();
    const { mode, queuedEvents, spooledEvents, quarantinedEvents } = context.recorder.status();
    const state = {
      database: { ok, latency_ms: latencyMs === null ? null : Math.round(latencyMs * 100) / 100 },
      // Events are taken and kept on disk while the database is away: `spooling`.
      recorder: {
        mode,
        queued_events: queuedEvents,
        spooled_events: spooledEvents,
        // Durable, on their way into the ledger.
        journal_events: context.journal.events,
        quarantined_events: quarantinedEvents,
      },
      // With a problem the last good prices are in force.
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
        {
          details: state,
          retryAfter: 2,
        },
      );
    }
    return { status: 'ready', ...state };
  },
};
