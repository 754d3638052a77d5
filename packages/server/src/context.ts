/** The parts of the server that routes work with, as one value. `composition/` opens them. */
import type { Alerts } from './alerts/alerts.ts';
import type { AgentRegistry } from './budgets/agent-registry.ts';
import type { Config } from './config.ts';
import type { Database } from './db/database.ts';
import type { ExportDesk } from './exports/desk.ts';
import type { GatewayRooms } from './gateway/admission/rooms.ts';
import type { StreamHub } from './http/sse.ts';
import type { Ingest } from './ingest/ingest.ts';
import type { Jobs } from './jobs/jobs.ts';
import type { ServerLog } from './log.ts';
import type { PriceTable } from './price-book/compile/compile-book.ts';
import type { LiveBooks } from './price-book/live-books.ts';
import type { Feed } from './record/feed/feed.ts';
import type { Journal } from './record/journal/journal.ts';
import type { Recorder } from './record/recorder.ts';
import type { Rerater } from './rerating/rerater.ts';
import type { Eraser } from './retention/eraser.ts';
import type { Retention } from './retention/retention.ts';
import type { Watch } from './rollups/watch.ts';
import type { Authenticator } from './tenants/keys/authenticate.ts';
import type { KnownTenants } from './tenants/known-tenants.ts';
import type { SessionStore } from './tenants/sessions/session-store.ts';
import type { FailedSignIns } from './tenants/sign-in/failed-sign-ins.ts';
import type { SignIn } from './tenants/sign-in/sign-in.ts';
import type { TenantStore } from './tenants/store.ts';
import type { UserStore } from './tenants/users/user-store.ts';
import type { Vitals } from './vitals.ts';

/** What everything else stands on. */
export interface GroundParts {
  readonly config: Config;
  readonly log: ServerLog;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly db: Database;
  /** How long the event loop was blocked, and the memory used. */
  readonly vitals: Vitals;
  /** True once a stop began: `/readyz` says so and new work is refused. */
  isDraining(): boolean;
}

/** Who may come in: tenants, keys, people, sessions. */
export interface AccountParts {
  readonly tenants: TenantStore;
  /** Which tenants exist, from memory. */
  readonly knownTenants: KnownTenants;
  readonly authenticator: Authenticator;
  /** Dashboard sessions: made by one-time links or passwords, checked like keys. */
  readonly sessions: SessionStore;
  readonly sessionAuthenticator: Authenticator;
  readonly users: UserStore;
  readonly signIn: SignIn;
  /** Attempts to sign in that failed, on their way to the audit log. */
  readonly failedSignIns: FailedSignIns;
}

/** The write path, the prices, and what follows when prices change. */
export interface LedgerParts {
  readonly books: LiveBooks;
  /** Reads the price table that is installed now. */
  readonly readPriceTable: () => Promise<PriceTable>;
  readonly recorder: Recorder;
  /** In front of the recorder, for calls that wait for nothing but durability: the gateway's. */
  readonly journal: Journal;
  readonly rerater: Rerater;
  readonly feed: Feed;
  readonly ingest: Ingest;
}

/** What keeps the ledger: limits, alerts, retention, erasure, proofs, jobs. */
export interface UpkeepParts {
  /** Limits and pauses of agents. */
  readonly agents: AgentRegistry;
  /** Thresholds, and what has been reached. */
  readonly alerts: Alerts;
  readonly retention: Retention;
  readonly eraser: Eraser;
  /** Proves the ledger's invariants. */
  readonly watch: Watch;
  /** Periodic jobs and their last runs. */
  readonly jobs: Jobs;
}

/** What calls and pages share while they are answered. */
export interface DoorParts {
  /** Places and memory that gateway calls share. */
  readonly gatewayRooms: GatewayRooms;
  readonly streams: StreamHub;
  /** Exports: downloads as files. */
  readonly exports: ExportDesk;
}

export interface AppContext extends GroundParts, AccountParts, LedgerParts, UpkeepParts, DoorParts {}
