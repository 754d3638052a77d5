/**
 * Hours under load with faults at random moments: `npm run soak -- 120` runs for two hours, ten minutes where nothing is
 * said. Prints memory and descriptors as it goes, ends with an audit, and with 1 where something was lost or grows.
 */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase, type Database } from '../../packages/server/src/db/database.ts';
import { isStoreUnavailable } from '../../packages/server/src/db/store-errors.ts';
import { embeddedConnectionString } from '../../packages/server/src/index.ts';
import { type DataFolder, killIfAlive, makeDataFolder } from '../crash/data-folder.ts';
import { Load } from '../crash/load.ts';
import { type Random, seededRandom } from '../crash/random.ts';
import { printFigures } from '../crash/report.ts';
import { ServerProcess } from '../crash/server-process.ts';
import { GatewayLoad } from '../gateway/load.ts';
import { brokenInvariants } from '../ledger/invariants.ts';
import { startScriptedProvider } from '../provider/scripted-provider.ts';

const MINUTE_MS = 60_000;
const SAMPLE_MS = 10_000;
/** The share used of the server's capacity, which a short trial measures. */
const SHARE_OF_CAPACITY = 0.6;
/** The client remembers every event, so that it can compare: no more of them than it has room for. */
const MOST_EVENTS = 3_000_000;
const TRIAL_SECONDS = 5;
const [WRITERS, MOST_OF_A_BATCH] = [3, 50];
/** What the rest may be above what it was: heaps breathe, and ten minutes are not long. */
const MOST_GROWTH_MB = 96;
const MOST_NEW_DESCRIPTORS = 20;

interface Sample {
  readonly minute: number;
  readonly residentMb: number;
  readonly descriptors: number;
}

interface Scene {
  readonly folder: DataFolder;
  readonly server: ServerProcess;
  readonly gateway: GatewayLoad;
  readonly random: Random;
}

const FAULTS: { readonly [name: string]: (scene: Scene) => Promise<void> } = {
  async 'kill -9 of Postgres'({ folder }) {
    const pid = await folder.postgresPid();
    if (pid !== null) killIfAlive(pid);
  },
  async 'Postgres stands still'({ folder, random }) {
    const pid = await folder.postgresPid();
    if (pid === null) return;
    const all = [pid, ...(await childrenOf(pid))];
    for (const one of all) signal(one, 'SIGSTOP');
    await sleep(random.integer(1_000, 9_000));
    for (const one of all) signal(one, 'SIGCONT');
  },
  async 'connections of Postgres are cut'({ folder }) {
    const pid = await folder.postgresPid();
    if (pid !== null) for (const one of await childrenOf(pid)) signal(one, 'SIGTERM');
  },
  async 'clients leave'({ server }) {
    const leaving = Array.from({ length: 50 }, async () => {
      const left = AbortSignal.timeout(30);
      await fetch(`${server.url}/api/cost/dashboard`, { signal: left }).catch(() => undefined);
    });
    await Promise.all(leaving);
  },
};

/** Only at the beginning: growth is measured in the one process that lives from then on. */
async function killServer({ server, gateway }: Scene): Promise<void> {
  gateway.pause();
  await server.end('SIGKILL');
  await server.start();
  gateway.resume();
}

async function soak(minutes: number): Promise<boolean> {
  const random = seededRandom('soak');
  const provider = await startScriptedProvider({ live: true, keepRequests: 0 });
  const folder = await makeDataFolder();
  const env = { FARTHING_OPENAI_BASE_URL: provider.url, FARTHING_ANTHROPIC_BASE_URL: provider.url };
  const server = await ServerProcess.create({ dataDir: folder.path, env });
  try {
    await server.start();
    const trial = await tryOut(server, random);
    const perSecond = Math.min(
      (trial.acknowledged / TRIAL_SECONDS) * SHARE_OF_CAPACITY,
      MOST_EVENTS / (minutes * 60),
    );
    console.log(
      `soak: ${minutes} minutes at ${Math.round(perSecond)} events a second, and calls of the gateway`,
    );
    const pauseMs = (1_000 * WRITERS * (MOST_OF_A_BATCH / 2)) / perSecond;
    const load = new Load({
      urls: [server.url],
      random,
      writers: WRITERS,
      maxBatch: MOST_OF_A_BATCH,
      pauseMs,
    });
    const gateway = new GatewayLoad(server.url, 2);
    const { samples, faults } = await live({ folder, server, gateway, random }, minutes);
    await Promise.all([load.stop(), gateway.stop()]);
    for (const [id, event] of trial.sent) load.sent.set(id, event);
    const found = await compare(folder, load, gateway.whole);
    const grown = growth(samples);
    printFigures('soak', { minutes, faults, ...found, refusals: load.refusals.length, ...grown });
    const { acknowledged, calls, invariants, ...wrong } = found;
    return (
      acknowledged > 0 &&
      calls > 0 &&
      invariants.length === 0 &&
      load.refusals.length === 0 &&
      Object.values(wrong).every((figure) => figure === 0) &&
      grown.residentMb <= MOST_GROWTH_MB &&
      grown.descriptors <= MOST_NEW_DESCRIPTORS
    );
  } finally {
    await server.end('SIGTERM');
    await provider.close();
    await folder.remove();
  }
}

/** What a server takes that does nothing else. */
async function tryOut(server: ServerProcess, random: Random): Promise<Load> {
  const trial = new Load({
    urls: [server.url],
    random: { ...random, seed: random.seed + 1 },
    writers: 2,
    maxBatch: 400,
  });
  await sleep(TRIAL_SECONDS * 1_000);
  await trial.stop();
  return trial;
}

async function live(scene: Scene, minutes: number): Promise<{ samples: Sample[]; faults: number }> {
  const begun = performance.now();
  const minute = () => (performance.now() - begun) / MINUTE_MS;
  const samples: Sample[] = [];
  let faults = 0;
  while (minute() < minutes) {
    await sleep(scene.random.integer(2_000, SAMPLE_MS));
    const names = Object.keys(FAULTS);
    const name = names[scene.random.integer(0, names.length - 1)] ?? '';
    if (minute() < minutes / 3 && scene.random.integer(0, 3) === 0) await killServer(scene);
    else await FAULTS[name]?.(scene);
    faults += 1;
    if (minute() < minutes / 3 + 0.5) continue;
    const sample = await sampleOf(scene.server.pid ?? 0, minute());
    samples.push(sample);
    console.log(
      `soak: minute ${sample.minute.toFixed(1)}, ${sample.residentMb} MB, ${sample.descriptors} descriptors, after ${name}`,
    );
  }
  return { samples, faults };
}

async function sampleOf(pid: number, minute: number): Promise<Sample> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  const descriptors = (await readdir(`/proc/${pid}/fd`)).length;
  return { minute, residentMb: Math.round(kilobytes / 1024), descriptors };
}

/** What the last quarter has more than the second, by medians; and the slope of all, an hour. */
function growth(samples: readonly Sample[]) {
  const quarter = Math.floor(samples.length / 4);
  const median = (of: readonly Sample[], figure: (sample: Sample) => number) =>
    of.map(figure).sort((a, b) => a - b)[Math.floor(of.length / 2)] ?? 0;
  const between = (figure: (sample: Sample) => number) =>
    median(samples.slice(-quarter), figure) - median(samples.slice(quarter, 2 * quarter), figure);
  return {
    residentMb: between(({ residentMb }) => residentMb),
    descriptors: between(({ descriptors }) => descriptors),
    resident_mb_per_hour: Math.round(slope(samples.map((one) => [one.minute / 60, one.residentMb]))),
    descriptors_per_hour: Math.round(slope(samples.map((one) => [one.minute / 60, one.descriptors]))),
  };
}

/** The slope of the straight line nearest to the points. */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (at: 0 | 1) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const above = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const below = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return below === 0 ? 0 : above / below;
}

/** The ledger against what the clients know. */
async function compare(folder: DataFolder, load: Load, whole: ReadonlySet<string>) {
  const connectionString = (await embeddedConnectionString(folder.path)) ?? '';
  const log = { info() {}, warn() {}, error() {} };
  const database = createDatabase({ connectionString, log, max: 2, statementTimeoutMs: 600_000 });
  try {
    // Events still on disk are on their way, and the database may just be coming back.
    for (let tries = 1; ; tries += 1) {
      const found = await look(database, load, whole).catch(whileAway);
      if (found !== null && (found.lost + found.lostCalls === 0 || tries > 120))
        return { ...found, invariants: await brokenInvariants(database) };
      await sleep(500);
    }
  } finally {
    await database.close();
  }
}

function whileAway(error: unknown): null {
  if (isStoreUnavailable(error)) return null;
  throw error;
}

interface StoredEvent {
  readonly id: string;
  readonly door: string;
  readonly response_id: string | null;
  readonly cost: string | null;
}

async function look(database: Database, { sent }: Load, whole: ReadonlySet<string>) {
  const { stored, quarantined } = await database.asOperator(async (tx) => {
    const events = await tx.query<StoredEvent>(
      'select id, door, response_id, total_cost::text as cost from usage_events',
    );
    const aside = await tx.query<{ n: string }>('select count(*) as n from quarantined_events');
    return { stored: events.rows, quarantined: Number(aside.rows[0]?.n) };
  });
  const ours = stored.filter(({ door }) => door === 'api');
  const ids = new Set(ours.map(({ id }) => id));
  const answered = new Map<string, number>();
  for (const { response_id: id } of stored) if (id !== null) answered.set(id, (answered.get(id) ?? 0) + 1);
  const picos = (cost: string | null) => (cost === null ? null : BigInt(cost.replace('.', '')));
  return {
    acknowledged: [...sent.values()].filter((event) => event.acknowledged).length,
    calls: whole.size,
    lost: [...sent].filter(([id, event]) => event.acknowledged && !ids.has(id)).length,
    doubled: ours.length - ids.size,
    invented: ours.filter(({ id }) => !sent.has(id)).length,
    mispriced: ours.filter(({ id, cost }) => sent.get(id)?.costPicos !== picos(cost)).length,
    quarantined,
    lostCalls: [...whole].filter((id) => !answered.has(id)).length,
    doubledCalls: [...answered.values()].filter((times) => times > 1).length,
  };
}

async function childrenOf(parent: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const children: number[] = [];
  for (const pid of pids) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent) children.push(Number(pid));
  }
  return children;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended.
  }
}

if (process.platform !== 'linux') throw new Error('The soak reads /proc and runs on Linux only.');
const minutes = Number(process.argv[2] ?? 10);
if (!(minutes > 0)) throw new Error('Say for how many minutes: npm run soak -- 120');
process.exitCode = (await soak(minutes)) ? 0 : 1;
