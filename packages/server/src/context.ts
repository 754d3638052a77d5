/** The composition root: everything the server is made of, built once, handed to routes as one value. */
import { join } from 'node:path';
import { readMonthSpend } from './agent-spend/agent-spend.ts';
import { type Alerts, createAlerts } from './alerts/alerts.ts';
import { alertsJob } from './alerts/jobs.ts';
import { keepAgentDefault } from './budgets/agent-default.ts';
import { type AgentRegistry, createAgentRegistry } from './budgets/agent-registry.ts';
import type { Config } from './config.ts';
import { createDatabase, type Database } from './db/database.ts';
import { createExportDesk, type ExportDesk } from './exports/desk.ts';
import { type GatewayRooms, openRooms } from './gateway/rooms.ts';
import { createStreamHub, type StreamHub } from './http/sse.ts';
import { createIngest, type Ingest } from './ingest/ingest.ts';
import { type Jobs, startJobs } from './jobs/jobs.ts';
import { type Log, recorderLog } from './log.ts';
import type { PriceTable } from './price-book/compile/compile-book.ts';
import type { InstalledPrices } from './price-book/installed-prices.ts';
import { type LiveBooks, openLiveBooks } from './price-book/live-books.ts';
import { readInstalledTable } from './price-book/read-table.ts';
import { createRecorder } from './record/create-recorder.ts';
import { createFeed, type Feed } from './record/feed/feed.ts';
import { type Journal, openJournal } from './record/journal/journal.ts';
import type { Recorder } from './record/recorder.ts';
import type { Files } from './record/spool/files.ts';
import { followPrices } from './rerating/follow-prices.ts';
import { createRerater, type Rerater } from './rerating/rerater.ts';
import { createEraser, type Eraser } from './retention/eraser.ts';
import { partitionsJob, retentionJob } from './retention/jobs.ts';
import { createRetention, type Retention } from './retention/retention.ts';
import { createWatch, type Watch } from './rollups/watch.ts';
import { auditChainJob } from './tenants/audit-chain.ts';
import { type Authenticator, createAuthenticator } from './tenants/authenticate.ts';
import { createFailedSignIns, type FailedSignIns } from './tenants/failed-sign-ins.ts';
import { createKnownTenants } from './tenants/known-tenants.ts';
import { watchReportingLogins } from './tenants/reporting-watch.ts';
import { createSessionStore, type SessionStore } from './tenants/session.ts';
import { createSignIn, type SignIn } from './tenants/sign-in.ts';
import { createTenantStore, type TenantStore } from './tenants/store.ts';
import { createUserStore, type UserStore } from './tenants/user-store.ts';
import { type Vitals, watchVitals } from './vitals.ts';

export interface AppContext {
  readonly config: Config;
  readonly log: Log;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly db: Database;
  readonly tenants: TenantStore;
  readonly authenticator: Authenticator;
  /** Dashboard sessions: made by one-time links or passwords, checked like keys. */
  readonly sessions: SessionStore;
  readonly sessionAuthenticator: Authenticator;
  readonly users: UserStore;
  readonly signIn: SignIn;
  /** Attempts to sign in that failed, on their way to the audit log. */
  readonly failedSignIns: FailedSignIns;
  /** Limits and pauses of agents. */
  readonly agents: AgentRegistry;
  /** Thresholds, and what has been reached. */
  readonly alerts: Alerts;
  readonly books: LiveBooks;
  /** Reads the price table that is installed now. */
  readonly readPriceTable: () => Promise<PriceTable>;
  readonly recorder: Recorder;
  /** In front of the recorder, for calls that wait for nothing but durability: the gateway's. */
  readonly journal: Journal;
  readonly rerater: Rerater;
  readonly retention: Retention;
  readonly eraser: Eraser;
  /** Proves the ledger's invariants. */
  readonly watch: Watch;
  /** Periodic work: what there is, and when it ran. */
  readonly jobs: Jobs;
  readonly feed: Feed;
  readonly ingest: Ingest;
  /** What the calls of the gateway share. */
  readonly gatewayRooms: GatewayRooms;
  readonly streams: StreamHub;
  /** Where files are asked for. */
  readonly exports: ExportDesk;
  /** How long the event loop stood still, and what memory was taken. */
  readonly vitals: Vitals;
  /** True once a stop began: `/readyz` says so and new work is refused. */
  isDraining(): boolean;
}

export interface ContextOptions {
  readonly config: Config;
  readonly connectionString: string;
  /** What lies under the prices kept in the database. */
  readonly prices: InstalledPrices;
  readonly log: Log;
  readonly isDraining: () => boolean;
  /** Unix milliseconds; the clock of the machine where absent. */
  readonly now?: () => number;
  /** The disk under spool and journal; this machine's where absent. */
  readonly files?: Files;
}

/** A context and the way to take it apart again. */
export interface OpenContext {
  readonly context: AppContext;
  /** Makes everything accepted durable and lets go of the database. */
  close(): Promise<void>;
}

/** A larger part of the journal is recorded in a round of its own. */
const JOURNAL_SEGMENT_BYTES = 4 * 1024 * 1024;
/** How often the last use of keys is written down. */
const FLUSH_KEYS_MS = 30_000;

/** Builds everything on a migrated database. */
export async function createContext(options: ContextOptions): Promise<OpenContext> {
  const { config, log, prices, now = Date.now } = options;
  const db = createDatabase({
    connectionString: options.connectionString,
    max: config.database.connections,
    log,
  });
  const tenants = createTenantStore(db);
  const authenticator = createAuthenticator({ store: tenants, now });
  const sessions = createSessionStore(db);
  const failedSignIns = createFailedSignIns({ db, now });
  const sessionAuthenticator = createAuthenticator({ store: sessions, now });
  await keepAgentDefault(db, config.agents.defaultLimitPicos);
  const books = await openLiveBooks({ db, installed: prices, log });
  const disk = options.files === undefined ? {} : { files: options.files };
  const recorder = await createRecorder({
    db,
    books,
    terms: config.recording.terms,
    spoolDirectory: join(config.dataDir, 'spool'),
    log: recorderLog(log),
    now,
    ...disk,
    limits: { spoolBytes: config.recording.spoolBytes },
  });
  const journal = await openJournal({
    directory: join(config.dataDir, 'journal'),
    limits: { spoolBytes: config.recording.spoolBytes, segmentBytes: JOURNAL_SEGMENT_BYTES },
    recorder,
    quarantine: (event, reason) => recorder.keepAside(event, reason),
    onDelayed: (error) => log.warn({ err: error }, 'Events wait in the journal'),
    onNotice: (message, details) => log.warn(details, message),
    now,
    ...disk,
  });
  const rerater = createRerater({ db, books, terms: config.recording.terms, log });
  const stopFollowing = followPrices(books, rerater, log);
  const feed = await createFeed(db);
  const keeping = { db, instanceDays: config.retention.days, now };
  const eraser = createEraser({ db, log });
  const watch = createWatch({ db, log, now });
  const alerts = createAlerts({ db, log, now, defaultLimitPicos: config.agents.defaultLimitPicos });
  const jobs = startJobs({
    db,
    connectionString: options.connectionString,
    jobs: [
      partitionsJob(db, now),
      retentionJob(keeping),
      eraser.job,
      watch.job,
      alertsJob(alerts),
      auditChainJob(db),
    ],
    log,
    enabled: config.jobs.enabled,
  });
  const reportingWatch = watchReportingLogins({ db, log });
  const flushKeys = setInterval(() => {
    Promise.all([authenticator.flush(), sessionAuthenticator.flush(), failedSignIns.flush()]).catch(
      (error: unknown) => log.warn({ err: error }, 'The last use of keys could not be written down'),
    );
  }, FLUSH_KEYS_MS);
  flushKeys.unref();
  const context: AppContext = {
    config,
    log,
    now,
    db,
    tenants,
    authenticator,
    sessions,
    sessionAuthenticator,
    users: createUserStore(db),
    signIn: createSignIn({ db, now, failures: failedSignIns }),
    failedSignIns,
    agents: createAgentRegistry({ db, now, monthSpend: (tx, agent) => readMonthSpend(tx, agent, now()) }),
    alerts,
    books,
    readPriceTable: () => readInstalledTable(new Date(now()).toISOString().slice(0, 10)),
    recorder,
    journal,
    rerater,
    retention: createRetention(keeping),
    eraser,
    watch,
    jobs,
    feed,
    ingest: createIngest({
      recorder,
      tenantExists: createKnownTenants(tenants).exists,
      enabled: config.recording.enabled,
      onSurprise: (error) => log.error({ err: error }, 'An item could not be read'),
    }),
    gatewayRooms: openRooms(config.gateway),
    streams: createStreamHub({ maxClients: config.http.streamClients }),
    exports: createExportDesk(),
    vitals: watchVitals(),
    isDraining: options.isDraining,
  };
  return {
    context,
    async close() {
      clearInterval(flushKeys);
      await reportingWatch.close();
      await jobs.stop();
      await eraser.close();
      context.streams.close();
      await feed.close();
      stopFollowing();
      await books.close();
      await rerater.close();
      await journal.drain();
      await recorder.drain();
      await authenticator.flush();
      await failedSignIns.flush('all');
      await db.close();
      context.vitals.close();
    },
  };
}
