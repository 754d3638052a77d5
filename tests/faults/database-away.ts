/** A database that is away in each of the ways in which databases are, while events come in. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type Database } from '../../packages/server/src/db/database.ts';
import type { UsageEvent } from '../../packages/server/src/ledger/usage-event.ts';
import type { Recorder } from '../../packages/server/src/record/recorder.ts';
import { printFigures } from '../crash/report.ts';
import { testEvent } from '../ledger/events.ts';
import { brokenInvariants } from '../ledger/invariants.ts';
import { removeFolder, testRecorder } from '../ledger/recorders.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';
import { type DatabaseProxy, openDatabaseProxy, type ProxyFault } from './database-proxy.ts';
import { whereabouts } from './stored.ts';

const KINDS = [
  'refused',
  'stalled',
  'reset',
  'read-only',
  'crowded',
  'starting',
] as const satisfies readonly (ProxyFault | 'read-only')[];
type Kind = (typeof KINDS)[number];

const silent = { info() {}, warn() {}, error() {} };
/** Events that must have come in while it is away, of all writers together. */
const EVENTS_AWAY = 60;

/** Declares the tests: `rounds` of each kind. */
export function testDatabaseAway(rounds: number): void {
  let store: TestDatabase;
  let proxy: DatabaseProxy;
  let database: Database;
  beforeAll(async () => {
    store = await createTestDatabase();
    proxy = await openDatabaseProxy(store.connectionString);
    database = createDatabase({
      connectionString: proxy.connectionString,
      log: silent,
      connectTimeoutMs: 400,
      statementTimeoutMs: 2_000,
    });
  });
  afterAll(async () => {
    await database.close();
    await proxy.close();
    await store.drop();
  });

  test.each(KINDS)(
    `away as "%s", ${rounds} times: what comes in is kept, and is in the ledger once when it is back`,
    async (kind) => {
      const { recorder, spoolDirectory, failed } = await testRecorder(database, {
        limits: { statementMs: 600, segmentBytes: 20_000 },
      });
      const load = new Writers(recorder);
      for (let round = 0; round < rounds; round += 1) {
        await load.until((answered) => answered >= 20);
        await turn(kind, true);
        const before = load.queued;
        await load.until((answered) => answered >= EVENTS_AWAY && (load.queued > before || kind === 'reset'));
        await turn(kind, false);
        await load.until((answered) => answered >= 20);
        await expect.poll(() => recorder.status().mode, { timeout: 20_000 }).toBe('open');
      }
      await load.stop();
      await recorder.replayed();
      const { stored, quarantined } = await whereabouts(store.database);
      const times = load.acknowledged.map(({ id }) => stored.get(id) ?? 0);
      printFigures(`Database away: ${kind}`, {
        rounds,
        acknowledged: times.length,
        queued: load.queued,
        lost: times.filter((n) => n === 0).length,
        doubled: times.filter((n) => n > 1).length,
      });
      expect(new Set(times)).toEqual(new Set([1]));
      expect(load.others).toEqual([]);
      expect(quarantined.size).toBe(0);
      expect(recorder.status()).toMatchObject({ spooledEvents: 0, isolatedEvents: 0 });
      expect(failed).toEqual([]);
      await recorder.drain();
      await removeFolder(spoolDirectory);
      expect(await brokenInvariants(store.database)).toEqual([]);
    },
    60_000 + rounds * 20_000,
  );

  /** Sends the database away, or fetches it back. */
  async function turn(kind: Kind, away: boolean): Promise<void> {
    if (kind !== 'read-only') return proxy.fail(away ? kind : null);
    const { pathname } = new URL(store.connectionString);
    await store.database.asOwner((tx) =>
      tx.query(
        `alter database ${pathname.slice(1)} set default_transaction_read_only = ${away ? 'on' : 'off'}`,
      ),
    );
    // Only new connections hear of it, as after a fail-over.
    proxy.breakAll();
  }
}

/** Four callers that send one or a few events at a time, each after the answer to the last. */
class Writers {
  readonly acknowledged: UsageEvent[] = [];
  /** Answers that are neither "in the ledger" nor "on disk", and refusals. */
  readonly others: unknown[] = [];
  queued = 0;
  #stopped = false;
  readonly #writers: readonly Promise<void>[];

  constructor(recorder: Recorder) {
    this.#writers = Array.from({ length: 4 }, (_, writer) => this.#write(recorder, writer));
  }

  async #write(recorder: Recorder, writer: number): Promise<void> {
    for (let round = 0; !this.#stopped; round += 1) {
      const events = Array.from({ length: 1 + ((round + writer) % 5) }, () => testEvent());
      const outcomes = await recorder.record(events).catch((error: unknown) => {
        this.others.push(error);
        return [];
      });
      for (const [index, outcome] of outcomes.entries()) {
        const event = events[index];
        if (event !== undefined) this.acknowledged.push(event);
        if (outcome.status === 'queued') this.queued += 1;
        else if (outcome.status !== 'accepted') this.others.push(outcome);
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  /** Waits until so much was answered from now on. */
  async until(enough: (answered: number) => boolean): Promise<void> {
    const before = this.acknowledged.length;
    await expect
      .poll(() => this.others.length > 0 || enough(this.acknowledged.length - before), {
        timeout: 30_000,
        interval: 10,
      })
      .toBe(true);
    expect(this.others).toEqual([]);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#writers);
  }
}
