/** The periodic work of retention. */
import type { Database } from '../db/database.ts';
import { createPartitions, monthsAhead } from '../db/schema/partitions.ts';
import type { Job } from '../jobs/job.ts';
import { type RetentionOptions, runRetention } from './run-retention.ts';

/** Months that exist ahead of their first event: the write path then never makes one. */
const MONTHS_AHEAD = 3;

/** Makes the partitions of this month and the next ones. */
export function partitionsJob(db: Database, now: () => number): Job {
  return {
    name: 'partitions',
    about: 'Makes the monthly partitions of the coming months.',
    schedule: '23 3 * * *',
    atStart: true,
    deadlineMs: 60_000,
    async run() {
      // A new set each time: another process may have dropped partitions that this one created.
      await createPartitions(db).ensure(monthsAhead(now(), MONTHS_AHEAD));
      return { months_ahead: MONTHS_AHEAD };
    },
  };
}

/** Deletes events past their retention. */
export function retentionJob(options: RetentionOptions): Job {
  return {
    name: 'retention',
    about: 'Moves watermarks, drops months and deletes events that are past their retention.',
    schedule: '7 * * * *',
    atStart: false,
    deadlineMs: 20 * 60_000,
    async run(signal) {
      return { ...(await runRetention(options, signal)) };
    },
  };
}
