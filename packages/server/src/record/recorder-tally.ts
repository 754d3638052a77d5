/** Counts and logs events that did not go straight into the ledger. */
import type { RecordOutcome, UsageEvent } from '../ledger/usage-event.ts';
import type { RecorderLog, RecorderStatus } from './recorder.ts';

export const FAILED = 'Cost recording failed';

/** For people: an event of an old spool may have a name of any length and kind. */
const brief = (name: unknown): string => String(name).slice(0, 256);

type Counts = Pick<
  RecorderStatus,
  'committedEvents' | 'commits' | 'quarantinedEvents' | 'isolatedEvents' | 'lastIsolated'
>;

export class RecorderTally {
  readonly #log: RecorderLog;
  readonly #now: () => number;
  #committedEvents = 0;
  #commits = 0;
  #quarantined = 0;
  #isolated = 0;
  #lastIsolated: RecorderStatus['lastIsolated'] = null;

  constructor(log: RecorderLog, now: () => number) {
    this.#log = log;
    this.#now = now;
  }

  get counts(): Counts {
    return {
      committedEvents: this.#committedEvents,
      commits: this.#commits,
      quarantinedEvents: this.#quarantined,
      isolatedEvents: this.#isolated,
      lastIsolated: this.#lastIsolated,
    };
  }

  /** A transaction wrote this many events. */
  committed(events: number): void {
    this.#commits += 1;
    this.#committedEvents += events;
  }

  /** The database gave up on an event alone. */
  isolated(event: UsageEvent, outcome: RecordOutcome): void {
    this.#isolated += 1;
    this.#lastIsolated = {
      tenant: brief(event.tenant),
      eventId: brief(event.id),
      reason: 'message' in outcome ? outcome.message : outcome.status,
      at: this.#now(),
    };
    this.#log.failed(FAILED, { ...this.#lastIsolated });
  }

  /** An acknowledged event is in quarantine. */
  quarantined(event: UsageEvent, reason: string): void {
    this.#quarantined += 1;
    this.#log.failed(FAILED, {
      tenant: brief(event.tenant),
      event_id: brief(event.id),
      quarantined: reason.slice(0, 1_000),
    });
  }
}
