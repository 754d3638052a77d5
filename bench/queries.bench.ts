/**
 * What the dashboard asks, over a small and a large ledger: the same tables, migrations and functions as in the product,
 * over events and rollups generated in SQL. Times are of the server's function, its transaction included.
 *
 *     npm run bench queries -- --events=1000000,10000000 [--rounds=40] [--only=TEXT] [--keep]
 *
 * `--rounds` is how often each question is asked; one that takes long is asked less often. `--only` leaves out questions
 * whose line does not hold the text, as in `--only="largest tenant"`. `--keep` leaves the databases in the temporary
 * folder and uses what it finds there.
 */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { createDatabase, type Database, type Tx } from '../packages/server/src/db/database.ts';
import { openEmbedded } from '../packages/server/src/db/embedded/open.ts';
import { readEvents } from '../packages/server/src/ledger/reading/read-events.ts';
import { compareRollups } from '../packages/server/src/rollups/compare.ts';
import { describeMachine } from './machine.ts';
import { FILLING, fill } from './queries/fill.ts';
import { asOperator, BEGIN, END, tenantName } from './queries/generate.ts';
import { type Asker, type Question, questions, type Samples } from './queries/questions.ts';

const DAY_MS = 86_400_000;
const ASKERS: readonly Asker[] = [
  { name: 'largest tenant', tenant: tenantName(1) },
  { name: 'median tenant', tenant: tenantName(25) },
  { name: 'all tenants', tenant: null },
];
/** Time for each question, after which it is not asked again. */
const LONGEST_MS = 4_000;
/** Rounds before that fill caches, until statements are prepared too, and the code compiled as in a server that runs. */
const WARM_UP = { rounds: 6, ms: 1_000 };
const log = { info: () => undefined, warn: () => undefined, error: console.error };

const { values: options } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    keep: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '40' },
  },
});

/** Milliseconds. `processor` is what server and database have spent of it: on a busy machine it says more than the clock. */
interface Figure {
  readonly p50: number;
  readonly p95: number;
  readonly processor: number;
}
type Figures = Map<string, Figure>;

const load = () =>
  loadavg()
    .map((one) => one.toFixed(1))
    .join(' ');
let processorMs = (): number => Number.NaN;

/** What this process and its database connections have spent so far. Each question has one connection, and its own. */
async function processorOf(database: Database): Promise<() => number> {
  const pids = new Set<number>();
  const pid = async (tx: Tx) => {
    const { rows } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
    for (const row of rows) pids.add(row.pid);
  };
  await database.asReader(tenantName(1), pid);
  await database.asOperator(pid);
  return () => {
    const { user, system } = process.cpuUsage();
    return [...pids].reduce((sum, one) => sum + backendMs(one), (user + system) / 1000);
  };
}

/** Linux; elsewhere not known. */
function backendMs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return Number.NaN;
  }
}

async function measureSize(count: number): Promise<Figures> {
  const folder = join(tmpdir(), `farthing-bench-queries-${count}`);
  const done = join(folder, 'generated');
  await mkdir(folder, { recursive: true });
  if (!existsSync(done)) {
    console.log(`\n${count.toLocaleString('en')} events; load ${load()}`);
    const filling = await openEmbedded({ dataDir: join(folder, 'db'), log, settings: FILLING });
    await fill(filling.connectionString, count).finally(() => filling.stop());
    await writeFile(done, '');
  }
  const postgres = await openEmbedded({ dataDir: join(folder, 'db'), log });
  const database = createDatabase({
    connectionString: postgres.connectionString,
    log,
    statementTimeoutMs: 120_000,
  });
  const client = new pg.Client({ connectionString: postgres.connectionString });
  try {
    await client.connect();
    console.log(`\n${count.toLocaleString('en')} events, PostgreSQL ${postgres.version}; load ${load()}`);
    await checkSample(database);
    await printSizes(client, count);
    const samples = await readSamples(client, database);
    const figures: Figures = new Map();
    processorMs = await processorOf(database);
    for (const question of questions(samples)) {
      for (const asker of ASKERS) {
        if (!label(question, asker).includes(options.only)) continue;
        const figure = await measure(database, question, asker);
        figures.set(label(question, asker), figure);
        print(label(question, asker), figure);
      }
    }
    console.log(`load afterwards ${load()}`);
    return figures;
  } finally {
    await client.end();
    await database.close();
    await postgres.stop();
    if (!options.keep) await rm(folder, { recursive: true, force: true });
  }
}

/** The rollups are made by SQL of their own: some days are held against the product's proof. */
async function checkSample(database: Database): Promise<void> {
  let compared = 0;
  for (const asker of ASKERS) {
    const { tenant } = asker;
    if (tenant === null) continue;
    for (const day of [10, 45, 80]) {
      const from = Math.floor(BEGIN / DAY_MS + day) * DAY_MS;
      const found = await database.asOperator((tx) =>
        compareRollups(tx, { tenant, from, to: from + DAY_MS / 4 }),
      );
      if (found.first !== null) throw new Error(`The rollups do not match: ${JSON.stringify(found.first)}`);
      compared += found.compared;
    }
  }
  console.log(`${compared} rows of rollups are what the events give`);
}

async function printSizes(client: pg.Client, count: number): Promise<void> {
  const { rows } = await client.query<{ name: string; rows: string; heap: string; indexes: string }>(
    `select name, sum(greatest(reltuples, 0))::bigint as rows, sum(pg_table_size(c.oid)) as heap,
            sum(pg_indexes_size(c.oid)) as indexes
       from (select 'usage_events' as name, inhrelid as oid from pg_inherits where inhparent = 'usage_events'::regclass
             union all select t, t::regclass from unnest(array['event_ids', 'rollups_15m', 'rollups_day']) t) tables
       join pg_class c using (oid) group by name order by name desc`,
  );
  const per = (bytes: string) => Math.round(Number(bytes) / count);
  console.table(
    rows.map((row) => ({
      table: row.name,
      rows: Number(row.rows),
      'bytes per event': per(row.heap),
      'of its indexes': per(row.indexes),
    })),
  );
}

async function readSamples(client: pg.Client, database: Database): Promise<Samples> {
  const samples = { workflow: '', user: 'user-0', rareUser: '', customer: '' };
  const tenant = tenantName(1);
  await asOperator(client, async () => {
    const one = async (sql: string) =>
      (await client.query<{ value: string }>(sql, [tenant])).rows[0]?.value ?? '';
    samples.workflow = await one(
      `select workflow as value from usage_events where tenant_id = $1
          and event_time >= '2026-10-10' and event_time < '2026-10-11' limit 1`,
    );
    samples.rareUser = await one(
      `select value from rollups_day where tenant_id = $1 and dimension = 'user' group by value
        order by sum(requests), max(bucket), value limit 1`,
    );
    samples.customer = await one(
      `select value from rollups_day where tenant_id = $1 and dimension = 'tag.customer' group by value
        order by sum(requests), max(bucket), value limit 1`,
    );
  });
  const page = await database.asReader(tenant, (tx) =>
    readEvents(tx, {
      tenants: [tenant],
      from: null,
      to: END - 40 * DAY_MS,
      filter: {},
      cursor: undefined,
      limit: 50,
    }),
  );
  return { ...samples, cursor: page.next_cursor ?? '' };
}

async function measure(database: Database, question: Question, asker: Asker): Promise<Figure> {
  const times: number[] = [];
  const processors: number[] = [];
  const warm = performance.now() + WARM_UP.ms;
  for (let round = 0; round < WARM_UP.rounds || performance.now() < warm; round += 1) {
    await question.ask(database, asker.tenant);
  }
  const until = performance.now() + LONGEST_MS;
  while (times.length < Number(options.rounds)) {
    const [start, spent] = [performance.now(), processorMs()];
    await question.ask(database, asker.tenant);
    times.push(performance.now() - start);
    processors.push(processorMs() - spent);
    if (times.length >= 3 && performance.now() > until) break;
  }
  return { p50: quantile(times, 0.5), p95: quantile(times, 0.95), processor: quantile(processors, 0.5) };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

const label = (question: Question, asker: Asker) => `${question.group}: ${question.name} | ${asker.name}`;

function print(name: string, { p50, p95, processor }: Figure): void {
  const ms = (value: number) => `${value.toFixed(1).padStart(7)} ms`;
  console.log(`${name.padEnd(74)} p50 ${ms(p50)}  p95 ${ms(p95)}  processor ${ms(processor)}`);
}

function printRatios(small: Figures, large: Figures): void {
  console.log('\nlarge / small, by p50, p95 and processor time:');
  for (const [name, figure] of large) {
    const before = small.get(name);
    if (before === undefined) continue;
    const ratio = (of: keyof Figure) => (figure[of] / before[of]).toFixed(2).padStart(7);
    console.log(`${name.padEnd(78)} ${ratio('p50')} ${ratio('p95')} ${ratio('processor')}`);
  }
}

console.log(describeMachine());
const sizes = options.events.split(',').map(Number);
if (!sizes.every((size) => Number.isSafeInteger(size) && size > 0)) {
  throw new Error('--events takes numbers of events with commas between, as in --events=1000000,10000000');
}
const all: Figures[] = [];
for (const size of sizes) all.push(await measureSize(size));
const [small, ...larger] = all;
for (const large of larger) if (small !== undefined) printRatios(small, large);
