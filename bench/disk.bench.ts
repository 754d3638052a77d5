/**
 * Bytes of an event on disk, by part: rows, TOAST, each index, ids, sums, and what many events share.
 *
 *     npm run bench disk -- --events=1000000 [--folder=/var/tmp/ledger] [--keep]
 *
 * What a single call looks like is recorded by the product's write path; SQL multiplies it over 90 days, 50 tenants and
 * their agents, projects, users and runs, and makes the ids and the sums that the write path would have made
 * (`queries/generate.ts`). So nothing was ever updated or deleted: a ledger that lives has dead rows beside. Sums depend on
 * how many events share a quarter hour and a key: with more events in the same 90 days, an event takes less of them.
 */
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { openEmbedded } from '../packages/server/src/db/embedded/open.ts';
import { describeMachine } from './machine.ts';
import { FILLING, fill } from './queries/fill.ts';
import { asOperator } from './queries/generate.ts';

const { values: options } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    folder: { type: 'string', default: join(tmpdir(), 'farthing-bench-disk') },
    keep: { type: 'boolean', default: false },
  },
});

interface Part {
  readonly part: string;
  readonly bytes: string;
  readonly rows: string;
}

/** The relations of the ledger, partitions under their parent's name; of an index, what it is over. */
const PARTS = `
  with tables as (
    select coalesce(parent.relname, c.relname) as name, c.oid, c.reltoastrelid as toast, c.reltuples
      from pg_class c left join pg_inherits i on i.inhrelid = c.oid left join pg_class parent on parent.oid = i.inhparent
     where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
  ), parts as (
    select name, '' as part, pg_relation_size(oid) + pg_relation_size(oid, 'fsm') + pg_relation_size(oid, 'vm') as bytes,
           reltuples from tables
    union all select name, 'TOAST', pg_total_relation_size(toast), 0 from tables where toast <> 0
    union all select name, 'index ' || substring(pg_get_indexdef(i.indexrelid) from '\\(.*'),
                     pg_relation_size(i.indexrelid), 0
                from tables join pg_index i on i.indrelid = tables.oid
  )
  select trim(name || ' ' || part) as part, sum(bytes)::text as bytes, sum(greatest(reltuples, 0))::bigint::text as rows
    from parts group by 1 having sum(bytes) > 1000000 or sum(reltuples) > 0 order by 1`;

async function report(client: pg.Client): Promise<void> {
  const { rows: parts } = await client.query<Part>(PARTS);
  let events = 0;
  await asOperator(client, async () => {
    const { rows } = await client.query<{ events: string }>('select count(*) as events from usage_events');
    events = Number(rows[0]?.events);
  });
  const perEvent = (bytes: number) => Number((bytes / events).toFixed(1));
  console.table(
    parts.map(({ part, bytes, rows }) => ({
      part,
      rows: Number(rows),
      'bytes an event': perEvent(Number(bytes)),
    })),
  );
  const all = parts.reduce((sum, { bytes }) => sum + Number(bytes), 0);
  console.log(`${events.toLocaleString('en')} events: ${perEvent(all)} bytes an event, everything included`);
}

const count = Number(options.events);
if (!Number.isSafeInteger(count) || count <= 0)
  throw new Error('--events takes a number, as in --events=1000000');
const log = { info: () => undefined, warn: () => undefined, error: console.error };
await mkdir(options.folder, { recursive: true });
const postgres = await openEmbedded({ dataDir: join(options.folder, 'db'), log, settings: FILLING });
try {
  console.log(`${describeMachine()}, PostgreSQL ${postgres.version}`);
  await fill(postgres.connectionString, count);
  const client = new pg.Client({ connectionString: postgres.connectionString });
  await client.connect();
  await report(client).finally(() => client.end());
} finally {
  await postgres.stop();
  if (!options.keep) await rm(options.folder, { recursive: true, force: true });
}
