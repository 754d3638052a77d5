/** Fills a ledger: two connections, a UTC day at a time, indexes last. */
import { tmpdir } from 'node:os';
import pg from 'pg';
import { migrate } from '../../packages/server/src/db/schema/migrate.ts';
import { asOperator, BEGIN, END, generateEvents, prepare } from './generate.ts';
import { takeOffIndexes } from './indexes.ts';
import { finishDays, prepareDays, rollUp } from './roll-up.ts';
import { recordShapes } from './shapes.ts';

const DAY_MS = 86_400_000;
const QUARTER_HOUR_MS = 900_000;
const TABLES = ['usage_events', 'event_ids', 'rollups_15m', 'rollups_day'] as const;

/** For a database that is thrown away and not asked anything yet; questions are asked with the product's settings. */
export const FILLING: { readonly [name: string]: string } = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  wal_compression: 'off',
  max_wal_size: '8GB',
  checkpoint_timeout: '1h',
  autovacuum: 'off',
  shared_buffers: '1GB',
  max_parallel_workers_per_gather: '0',
};

/** Whole UTC days but for the first and the last, on quarter hours: no bucket is summed twice. */
function chunks(count: number) {
  const first = Math.floor(BEGIN / QUARTER_HOUR_MS) * QUARTER_HOUR_MS;
  const made: { from: number; to: number; events: number; seed: number }[] = [];
  for (let from = first; from < END; ) {
    const to = Math.min(END, Math.floor(from / DAY_MS + 1) * DAY_MS);
    const events = Math.round((count * (to - from)) / (END - first));
    made.push({ from, to, events, seed: made.length });
    from = to;
  }
  return made;
}

/** Migrations, events, rollups, indexes; prints where the time went. */
export async function fill(connectionString: string, count: number): Promise<void> {
  const started = performance.now();
  const spent = new Map<string, number>();
  const timed = async (what: string, work: () => Promise<unknown>) => {
    const start = performance.now();
    await work();
    spent.set(what, (spent.get(what) ?? 0) + (performance.now() - start) / 1000);
  };
  await migrate({ connectionString });
  const clients = [new pg.Client({ connectionString }), new pg.Client({ connectionString })] as const;
  try {
    const [client] = clients;
    await Promise.all(clients.map((one) => one.connect()));
    await prepare(client);
    await prepareDays(client);
    await recordShapes(connectionString, client, tmpdir());
    const makeIndexes = await takeOffIndexes(client, TABLES);
    const waiting = chunks(count);
    const work = async (one: pg.Client) => {
      for (let chunk = waiting.shift(); chunk !== undefined; chunk = waiting.shift()) {
        const { from, to, events, seed } = chunk;
        await asOperator(one, async () => {
          await timed('events', () => generateEvents(one, { from, to, events, seed }));
          await rollUp(one, timed);
        });
        if (seed % 10 === 9) console.log(`  ${seed + 1} days after ${secondsSince(started)} s`);
      }
    };
    await Promise.all(clients.map(work));
    await timed('days', () => finishDays(client));
    await client.query('drop table shapes');
    await timed('indexes', () => makeIndexes(clients));
    for (const table of TABLES) await timed('vacuum', () => client.query(`vacuum (analyze) ${table}`));
  } finally {
    await Promise.all(clients.map((one) => one.end()));
  }
  const parts = [...spent].map(([what, seconds]) => `${what} ${Math.round(seconds)} s`).join(', ');
  console.log(`generated in ${secondsSince(started)} s; in two connections: ${parts}`);
}

const secondsSince = (start: number): number => Math.round((performance.now() - start) / 1000);
