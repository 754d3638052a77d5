/**
 * Watches the sessions of reporting logins. A session can switch off its own settings (`statement_timeout` and the
 * like), but not this watch.
 */
import type { Database, Log } from '../../db/database.ts';
import { endReportingSessions, type InTheWay } from '../../db/schema/reporting-sessions.ts';
import { boundReportingLogins } from './reporting-bounds-store.ts';

const EVERY_MS = 5_000;

/** Twice the usual bounds of a statement and of a pause inside a transaction; a tenth of the room for notices. */
export const LIMITS: InTheWay = { transactionMs: 120_000, idleMs: 3_600_000, noticeQueue: 0.1 };

export interface ReportingWatch {
  close(): Promise<void>;
}

/** Bounds the logins that are there, and from then on ends every session that is past its limits, in every process. */
export function watchReportingLogins(options: {
  readonly db: Database;
  readonly log: Log;
  readonly limits?: InTheWay;
  /** Milliseconds. Default 5,000. */
  readonly everyMs?: number;
}): ReportingWatch {
  const { db, log, limits = LIMITS, everyMs = EVERY_MS } = options;
  let bounded = false;
  let looking: Promise<void> | null = null;

  async function look(): Promise<void> {
    if (!bounded) {
      const refused = await boundReportingLogins(db);
      bounded = true;
      if (refused.length > 0) {
        log.warn({ run_as_administrator: refused }, 'Reporting logins are not within all of their bounds');
      }
    }
    for (const session of await db.asOperator((tx) => endReportingSessions(tx, limits))) {
      log.warn({ ...session }, 'Ended a session of a reporting login that was past its limits');
    }
  }

  function lookSoon(): void {
    // If the database is away or busy, the next look tries again.
    looking ??= look()
      .catch(() => undefined)
      .finally(() => {
        looking = null;
      });
  }

  lookSoon();
  const timer = setInterval(lookSoon, everyMs);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      await looking;
    },
  };
}
