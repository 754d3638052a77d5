/** A re-rating run by a real server that is killed in the middle, again and again, while events go on coming in. */
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { makeDataFolder } from '../crash/data-folder.ts';
import { ADMIN_KEY, ServerProcess } from '../crash/server-process.ts';
import { testEvent } from '../ledger/events.ts';
import { brokenInvariants } from '../ledger/invariants.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';
import { openPricedLedger, type PricedLedger } from './priced-ledger.ts';

const BATCH = 1000;
const MODEL = 'killed-model';
/** USD per million tokens, before and after; every event has a million. */
const [BEFORE, AFTER] = ['1', '3.000000000001'];

export interface KilledRun {
  readonly broken: readonly string[];
  /** Kills that met the run under way. */
  readonly kills: number;
  readonly scanned: number;
  readonly adjustments: number;
  /** Sum over the events that were there before the run. */
  readonly total: string;
  /** Events recorded while it went on. */
  readonly meanwhile: number;
  readonly longestMs: number;
}

export async function killedRun(events: number, kills: number): Promise<KilledRun> {
  const store = await createTestDatabase();
  onTestFinished(() => store.drop());
  const ledger = await openPricedLedger(store.database, 3_600_000);
  onTestFinished(() => ledger.close());
  await ledger.price({ model: MODEL, rates: { input_uncached: BEFORE, output_text: '1' } });
  for (let made = 0; made < events; made += BATCH) {
    await ledger.recorder.record(
      Array.from({ length: Math.min(BATCH, events - made) }, (_, i) => oldEvent(made + i)),
    );
  }
  await ledger.price({ model: MODEL, rates: { input_uncached: AFTER, output_text: '1' } });
  const folder = await makeDataFolder();
  onTestFinished(() => folder.remove());
  const server = await ServerProcess.create({ dataDir: folder.path, databaseUrl: store.connectionString });
  onTestFinished(async () => void (await server.end('SIGTERM')));
  await server.start();
  const id = await startRun(server.url);
  const load = ingest(ledger);
  onTestFinished(async () => void (await load.stop()));
  let killed = 0;
  for (let kill = 1; kill <= kills; kill += 1) {
    const aim = (events * kill) / (kills + 1);
    while ((await progress(store, id)).scanned < aim) await sleep(5);
    await server.end('SIGKILL');
    if ((await progress(store, id)).status === 'running') killed += 1;
    await server.start();
  }
  while ((await progress(store, id)).status === 'running') await sleep(20);
  const meanwhile = await load.stop();
  const { rows } = await store.database.asOperator((tx) =>
    tx.query<{ scanned: string; adjustments: string; total: string; longest_ms: number }>(
      `select scanned, longest_ms, (select count(*) from cost_adjustments where run_id = r.id) as adjustments,
              (select trim_scale(sum(total_cost)) from usage_events where id like 'old-%') as total
         from rerating_runs r where id = $1`,
      [id],
    ),
  );
  const [run] = rows;
  if (run === undefined) throw new Error('The run is gone.');
  return {
    broken: await brokenInvariants(store.database),
    kills: killed,
    scanned: Number(run.scanned),
    adjustments: Number(run.adjustments),
    total: run.total,
    meanwhile,
    longestMs: run.longest_ms,
  };
}

const oldEvent = (index: number) =>
  testEvent({
    id: `old-${index}`,
    model: MODEL,
    time: Date.UTC(2026, 10, 1) + (index % 19) * 86_400_000 + index * 1000,
    input: 1_000_000,
    output: 0,
    attribution: { agent: `agent-${index % 7}`, user: `user-${index % 11}` },
  });

async function startRun(url: string): Promise<string> {
  const response = await fetch(`${url}/api/admin/rerating`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${ADMIN_KEY}` },
    body: JSON.stringify({ model: MODEL, dry_run: false, reason: 'killed in the middle' }),
  });
  const answer = (await response.json()) as { data: { id: string } };
  return answer.data.id;
}

async function progress(store: TestDatabase, id: string) {
  const { rows } = await store.database.asOperator((tx) =>
    tx.query<{ status: string; scanned: string }>('select status, scanned from rerating_runs where id = $1', [
      id,
    ]),
  );
  return { status: rows[0]?.status ?? 'gone', scanned: Number(rows[0]?.scanned ?? 0) };
}

/** Records into the very buckets that are being re-rated, until it is stopped. */
function ingest(ledger: PricedLedger) {
  let stopped = false;
  let recorded = 0;
  const done = (async () => {
    while (!stopped) {
      const events = Array.from({ length: 50 }, (_, i) =>
        testEvent({
          model: MODEL,
          time: Date.UTC(2026, 10, 1 + (i % 19)),
          attribution: { agent: `agent-${i % 7}` },
        }),
      );
      recorded += (await ledger.recorder.record(events)).length;
      await sleep(40);
    }
  })();
  return {
    async stop() {
      stopped = true;
      await done;
      return recorded;
    },
  };
}

export const totalOf = (events: number): string => {
  const picos = BigInt(events) * 3_000_000_000_001n;
  const text = picos.toString().padStart(13, '0');
  return `${text.slice(0, -12)}.${text.slice(-12)}`.replace(/0+$/, '');
};
