/** Asks the database for a small write: whether it takes anything at all now. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, WriteBounds } from '../../db/database.ts';
import { isDefect } from './store-faults.ts';

/** An answer to the simplest question later than this is none. */
const PROBE: WriteBounds = { statementMs: 1_500, lockMs: 1_500 };
const PROBE_MS = 2_000;
/** One that may only be read is as good as away: a standby, or a fail-over under way. */
const READ_ONLY = "select current_setting('transaction_read_only') as read_only";

export class WriteProbe {
  readonly #db: Database;
  #asking: Promise<boolean> | null = null;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Whether it takes a write now; within two seconds, and one question at a time. Rejects where a defect keeps it from it. */
  answers(): Promise<boolean> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #ask(): Promise<boolean> {
    const asked = this.#write();
    const late = new AbortController();
    const inTime = sleep(PROBE_MS, false, { signal: late.signal, ref: false }).catch(() => false);
    try {
      return await Promise.race([asked, inTime]);
    } finally {
      late.abort();
      asked.catch(() => undefined);
    }
  }

  async #write(): Promise<boolean> {
    try {
      return await this.#db.asWriter(async (tx) => {
        const { rows } = await tx.query<{ read_only: string }>(READ_ONLY);
        if (rows[0]?.read_only === 'on') return false;
        // A record of no meaning: its commit waits for the disk as that of an event does. The login itself may write one;
        // the roles of a transaction may not where the public's right was taken, so that no reporting login does.
        await tx.query("set local role none; select pg_logical_emit_message(true, 'farthing', '')");
        return true;
      }, PROBE);
    } catch (error) {
      if (isDefect(error)) throw error;
      return false;
    }
  }
}
