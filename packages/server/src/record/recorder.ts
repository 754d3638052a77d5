/** The recorder, as others see it: the only way an event gets into the ledger. README.md says what it guarantees. */
import type { Database } from '../db/database.ts';
import type { RecordOutcome, UsageEvent } from '../ledger/usage-event.ts';
import type { PriceBooks } from '../price-book/installed-book.ts';
import type { RecorderLimits } from './limits.ts';
import type { ChargingTerms } from './rate-event.ts';
import type { Files } from './spool/files.ts';
import type { SpoolView } from './spool/spool.ts';

/** Receives the recorder's notifications. Every method must return at once and never throw. */
export interface RecorderLog {
  /** Once per event that reached the ledger or the spool: the structured log line per recorded call. */
  recorded(event: UsageEvent, outcome: RecordOutcome): void;
  /** "Cost recording failed": an event could not be kept, or a spooled one went to quarantine. */
  failed(message: 'Cost recording failed', details: { readonly [key: string]: unknown }): void;
  /** The recorder's own state: spooling began, replay ended, a torn record was cut off. */
  notice(message: string, details: { readonly [key: string]: unknown }): void;
}

export interface RecorderOptions {
  readonly db: Database;
  readonly books: PriceBooks;
  /** How events are charged; as installed if absent. */
  readonly terms?: ChargingTerms;
  /** Folder of the spool; one process at a time, guarded by the data folder's lock. */
  readonly spoolDirectory: string;
  readonly log: RecorderLog;
  /** Unix milliseconds. */
  readonly now?: () => number;
  /** The disk under the spool; this machine's where absent. */
  readonly files?: Files;
  readonly limits?: Partial<RecorderLimits>;
}

/** State of the recorder, for `/readyz`, metrics and `doctor`. */
export interface RecorderStatus {
  /**
   * `spooling`: Postgres is away; `replaying`: it is back and the spool is being emptied (or tried again, while new events
   * go past it); `closed`: drained.
   */
  readonly mode: 'open' | 'spooling' | 'replaying' | 'closed';
  readonly queuedEvents: number;
  readonly queuedBytes: number;
  readonly spooledEvents: number;
  readonly spooledBytes: number;
  /** Totals since start. */
  readonly committedEvents: number;
  readonly commits: number;
  readonly quarantinedEvents: number;
  /** Events that wait apart from the others, because the database gave up on a batch with them or on their source. */
  readonly asideEvents: number;
  /** Events that the database gave up on alone, and that were refused or put into quarantine for it; since start. */
  readonly isolatedEvents: number;
  readonly lastIsolated: IsolatedEvent | null;
}

/** An event that was alone in its batch when the database gave up on it. */
export interface IsolatedEvent {
  readonly tenant: string;
  readonly eventId: string;
  readonly reason: string;
  /** Unix milliseconds. */
  readonly at: number;
}

export interface Recorder {
  /**
   * Makes the events durable and answers per event, in the order given: committed, or `queued` on the fsynced
   * spool while Postgres is away. Refuses with {@link OverloadedError} when full and after `drain`.
   *
   * @example const [outcome] = await recorder.record([event]);
   */
  record(events: readonly UsageEvent[]): Promise<readonly RecordOutcome[]>;
  status(): RecorderStatus;
  /** How the spool stands. */
  readonly spool: SpoolView;
  /**
   * Keeps an acknowledged event that the ledger does not take: in quarantine, and whole in a file where it is too large
   * for that. Rejects while the database is away.
   */
  keepAside(event: UsageEvent, reason: string): Promise<void>;
  /** Waits until the spool of earlier runs and outages is in the database; resolves at once when it is empty. */
  replayed(): Promise<void>;
  /** Takes no more events, finishes the accepted ones (committed or spooled) and stops. Safe to call twice. */
  drain(): Promise<void>;
}
