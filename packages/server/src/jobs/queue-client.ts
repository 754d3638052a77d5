/**
 * A connection of the queue that trusts no notice. Every login of the database may send one to the queue's channels: a
 * forged `worker:migrate` would end the worker and with it, by the exit code it sets, look like a crash of the process;
 * a flood of `jobs:insert` would make it ask the database without end. This connection turns every notice into a bare
 * "there may be work", at most ten times a second.
 */
import pg from 'pg';
import { atMostEvery, WAKE_INTERVAL_MS } from '../db/wake-ups.ts';

/** On this channel the queue announces new jobs; on others there is nothing that we need. */
const NEW_JOBS = 'jobs:insert';

export class QueueClient extends pg.Client {
  readonly #newJobs = atMostEvery(WAKE_INTERVAL_MS, () =>
    super.emit('notification', { channel: NEW_JOBS, payload: '', processId: 0 }),
  );

  /** A queue whose schema a newer release has changed is detected when it is opened, or fails by itself. */
  override emit(event: string | symbol, ...values: unknown[]): boolean {
    if (event !== 'notification') return super.emit(event, ...values);
    if (channelOf(values[0]) === NEW_JOBS) this.#newJobs.ask();
    return true;
  }
}

const channelOf = (message: unknown): unknown =>
  typeof message === 'object' && message !== null && 'channel' in message ? message.channel : null;
