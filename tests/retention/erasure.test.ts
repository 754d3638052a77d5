import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Database } from '../../packages/server/src/db/database.ts';
import type { UsageEvent } from '../../packages/server/src/ledger/usage-event.ts';
import { createEraser, type Eraser } from '../../packages/server/src/retention/eraser.ts';
import { userHash } from '../../packages/server/src/retention/erasure.ts';
import { brokenInvariants } from '../ledger/invariants.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';
import { count, DAY, history, makeTenants, NOW, record, retain, setDays, sums } from './ledger.ts';

const USER = 'jane.doe@example.com';
const silent = { info() {}, warn() {}, error() {} };

let store: TestDatabase;
let eraser: Eraser;
beforeEach(async () => {
  store = await createTestDatabase();
  await makeTenants(store.database, { kathmandu: 'Asia/Kathmandu', utc: 'UTC' });
  eraser = createEraser({ db: store.database, log: silent });
});
afterEach(async () => {
  await eraser.close();
  await store.drop();
});

/** Events of the person with their name in everything that callers fill, among those of others. */
function events(tenant: string): UsageEvent[] {
  const hers = history(tenant, 60, 40).map(
    (event, index): UsageEvent => ({
      ...event,
      id: `hers-${index}`,
      source: index % 5 === 0 ? 'estimated' : 'reported',
      traceId: `trace of ${USER}`,
      spanId: `span of ${USER}`,
      responseId: `response for ${USER}`,
      rawUsage: {
        prompt_tokens: 1_000 + index,
        user: USER,
        details: { [`cache of ${USER}`]: 1, who: USER, cached: 0 },
      },
      metadata: { prompt: `Dear ${USER}, …`, nested: [{ email: USER }] },
      attribution: {
        ...event.attribution,
        user: USER,
        session: `session of ${USER}`,
        requestId: `request of ${USER}`,
        tags: { team: 'search', customer: USER, note: `for ${USER}`, [`quota of ${USER}`]: 'yes' },
      },
    }),
  );
  const others = history(tenant, 60, 40).map(
    (event, index): UsageEvent => ({
      ...event,
      id: `others-${index}`,
      attribution: {
        ...event.attribution,
        user: 'john',
        tags: index % 6 === 0 ? { team: 'search', on_behalf_of: USER } : { team: 'search' },
      },
    }),
  );
  return [...hers, ...others];
}

const ask = (tenant: string, more: { thorough?: boolean; before?: Date } = {}) =>
  eraser.start({
    tenant,
    user: USER,
    thorough: false,
    before: new Date(NOW + DAY),
    actor: 'key:of-a-test',
    ...more,
  });

async function erase(tenant: string, more: { thorough?: boolean; before?: Date } = {}) {
  const { id } = await ask(tenant, more);
  await eraser.idle();
  return eraser.get(id, null);
}

/** Tables with a row in whose text the name stands, of one tenant or of all. */
async function tablesNaming(
  db: Database,
  text: string,
  tenant: string | null = null,
): Promise<readonly string[]> {
  return db.asOperator(async (tx) => {
    const { rows } = await tx.query<{ name: string; has_tenant: boolean }>(
      `select c.relname::text as name,
              exists (select from pg_attribute where attrelid = c.oid and attname = 'tenant_id') as has_tenant
         from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
          and c.relname <> 'schema_migrations' and has_table_privilege('farthing_operator', c.oid, 'select')`,
    );
    const naming: string[] = [];
    for (const { name, has_tenant } of rows) {
      const mine = tenant === null || !has_tenant ? 'true' : `tenant_id = '${tenant}'`;
      const found = await tx.query(
        `select 1 from "${name}" r where ${mine} and position($1 in r::text) > 0 limit 1`,
        [text],
      );
      if (found.rows.length > 0) naming.push(name);
    }
    expect(rows.length).toBeGreaterThan(10);
    return naming.sort();
  });
}

async function setAside(db: Database, tenant: string): Promise<void> {
  const [event] = events(tenant);
  await db.asWriter((tx) =>
    tx.query(
      `insert into quarantined_events (tenant_id, event_id, content_hash, reason, event)
       values ($1, 'odd', sha256('odd'), $2, $3)`,
      [tenant, `It says ${USER} and cannot be stored.`, JSON.stringify({ ...event, model: 'odd \0 model' })],
    ),
  );
}

test('afterwards no row of any table holds the name, every total is what it was, and sums equal events', async () => {
  const db = store.database;
  await record(db, [...events('kathmandu'), ...events('utc')]);
  await setAside(db, 'kathmandu');
  await db.asOperator((tx) =>
    tx.query(
      `insert into cost_adjustments (tenant_id, event_id, event_time, reason, actor, old_charge, new_charge)
       values ('kathmandu', 'hers-0', $1, 'by hand', $2, '[]', '[]')`,
      [new Date(NOW), USER],
    ),
  );
  expect(await tablesNaming(db, USER)).toEqual([
    'cost_adjustments',
    'quarantined_events',
    'rollups_15m',
    'rollups_day',
    'usage_events',
  ]);
  const unnamed = "tenant_id = 'kathmandu' and dimension not in ('user') and dimension not like '%tag.%'";
  const before = await sums(db, unnamed);
  const teams = await sums(db, "tenant_id = 'kathmandu' and dimension like '%tag.team'");
  const neighbours = await sums(db, "tenant_id = 'utc'");
  const costs = `select sum(total_cost)::text as cost, sum(input_tokens)::text as tokens, count(*)::text as n
                   from usage_events where tenant_id = 'kathmandu'`;
  const total = (await db.asOperator((tx) => tx.query(costs))).rows;

  expect(await erase('kathmandu')).toMatchObject({
    status: 'done',
    user_hash: userHash('kathmandu', USER),
    events: 60,
    tagged_events: 10,
    quarantined: 1,
    adjustments: 1,
    error: null,
  });

  expect(await tablesNaming(db, USER, 'kathmandu')).toEqual([]);
  expect(await tablesNaming(db, 'jane.doe', 'kathmandu')).toEqual([]);
  expect(await sums(db, unnamed)).toEqual(before);
  expect(await sums(db, "tenant_id = 'kathmandu' and dimension like '%tag.team'")).toEqual(teams);
  expect((await db.asOperator((tx) => tx.query(costs))).rows).toEqual(total);
  expect(await brokenInvariants(db)).toEqual([]);
  expect(await sums(db, "tenant_id = 'utc'")).toEqual(neighbours);
  const { rows } = await db.asOperator((tx) =>
    tx.query(`select raw_usage, tags from usage_events where tenant_id = 'kathmandu' and id = 'hers-3'`),
  );
  expect(rows).toEqual([
    { raw_usage: { prompt_tokens: 1_003, details: { cached: 0 } }, tags: { team: 'search' } },
  ]);
});

test('erased events sent again are duplicates, reported or changed, and bring nothing back', async () => {
  const db = store.database;
  const sent = events('utc');
  await record(db, sent);
  await erase('utc');
  const before = await sums(db);
  expect(new Set(await record(db, sent))).toEqual(new Set(['duplicate']));
  // The reported usage of an erased estimate comes late: it would bring the person back.
  const late = sent
    .slice(0, 60)
    .map((event) => ({ ...event, contentHash: 'f'.repeat(64), source: 'reported' as const }));
  expect(new Set(await record(db, late))).toEqual(new Set(['duplicate']));
  expect(await sums(db)).toEqual(before);
  expect(await tablesNaming(db, USER)).toEqual([]);
});

test('the audit log tells that somebody was erased and by whom, with a hash in place of the name', async () => {
  const { id } = await ask('utc', { thorough: true });
  const { rows } = await store.database.asOperator((tx) =>
    tx.query("select actor, tenant_id, details from audit_log where action = 'user.erase'"),
  );
  expect(rows).toEqual([
    {
      actor: 'key:of-a-test',
      tenant_id: 'utc',
      details: {
        id,
        user_hash: userHash('utc', USER),
        thorough: true,
        before: new Date(NOW + DAY).toISOString(),
      },
    },
  ]);
  await eraser.idle();
});

test('thorough takes all tags and the task of the person’s events, and sums follow', async () => {
  const db = store.database;
  await record(
    db,
    events('utc').map((event) => ({ ...event, attribution: { ...event.attribution, task: 'a task' } })),
  );
  await erase('utc', { thorough: true });
  expect(
    await count(db, "usage_events where id like 'hers-%' and (tags is not null or task is not null)"),
  ).toBe(0);
  expect(await count(db, "usage_events where id like 'others-%' and tags ? 'team' and task = 'a task'")).toBe(
    60,
  );
  expect(await brokenInvariants(db)).toEqual([]);
});

/** Connections to this database that wait for a lock. */
async function waiting(db: Database): Promise<number> {
  const { rows } = await db.asOperator((tx) =>
    tx.query<{ pid: number }>(
      'select pid from pg_stat_activity where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0',
    ),
  );
  return rows.length;
}

test('a second time finds nothing left to do, and two at once are one', async () => {
  const db = store.database;
  await record(db, events('utc'));
  // The first one cannot be over before the second one comes.
  const [locked, letGo] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const held = db.asOperator(async (tx) => {
    await tx.query(`select 1 from usage_events where tenant_id = 'utc' for update`);
    locked.resolve();
    await letGo.promise;
  });
  await locked.promise;
  const asked = Promise.all([ask('utc'), ask('utc')]);
  // The second one is answered at once, or waits behind a step of the first one, which waits for the rows.
  await Promise.race([asked, expect.poll(() => waiting(db)).toBe(2)]);
  letGo.resolve();
  const [first, second] = await asked;
  await held;
  expect(second.id).toBe(first.id);
  await eraser.idle();
  const again = await erase('utc');
  expect(again).toMatchObject({ status: 'done', events: 0, tagged_events: 0, rollup_rows: 0 });
  expect(again?.id).not.toBe(first.id);
});

test('an erasure that was interrupted is finished by whoever looks next', async () => {
  const db = store.database;
  await record(db, events('utc'));
  const closed = createEraser({ db, log: silent });
  const stopped = closed.start({
    tenant: 'utc',
    user: USER,
    thorough: false,
    before: new Date(NOW + DAY),
    actor: 'test',
  });
  const { id } = await stopped;
  await closed.close();
  await eraser.job.run(new AbortController().signal);
  expect(await eraser.get(id, null)).toMatchObject({ status: 'done' });
  expect(await tablesNaming(db, USER)).toEqual([]);
  expect(await brokenInvariants(db)).toEqual([]);
});

test('events that were still on their way are erased when they arrive; later ones are the person’s own again', async () => {
  const db = store.database;
  const [first, second, ...rest] = events('utc').slice(0, 60);
  if (first === undefined || second === undefined) throw new Error('there are events');
  await record(db, rest);
  const done = await erase('utc', { before: new Date(NOW) });
  await record(db, [first, { ...second, time: NOW + 1_000 }]);
  await setAside(db, 'utc');
  expect(await eraser.job.run(new AbortController().signal)).toEqual({ open: 1, reopened: 1 });
  expect(await eraser.get(done?.id ?? '', null)).toMatchObject({
    status: 'done',
    events: 59,
    quarantined: 1,
  });
  expect(await count(db, `usage_events where user_id = '${USER}'`)).toBe(1);
  expect(await eraser.job.run(new AbortController().signal)).toEqual({ open: 0, reopened: 0 });
  expect(await brokenInvariants(db)).toEqual([]);
});

test('below a watermark, where the events are gone, sums by the name go with their days and totals stay', async () => {
  const db = store.database;
  await record(db, events('kathmandu'));
  await setDays(db, 'kathmandu', 10);
  await retain(db);
  const unnamed = "dimension not in ('user') and dimension not like '%tag.%'";
  const before = await sums(db, unnamed);
  expect(await erase('kathmandu')).toMatchObject({ status: 'done', events: 16 });
  expect(await tablesNaming(db, USER)).toEqual([]);
  expect(await sums(db, unnamed)).toEqual(before);
  const unequal = await count(
    db,
    `(select dimension, value, (bucket at time zone 'Asia/Kathmandu')::date, sum(requests) as n, sum(total_cost)
        from rollups_15m group by 1, 2, 3
      except select dimension, value, bucket, sum(requests), sum(total_cost) from rollups_day group by 1, 2, 3) different
      where n <> 0`,
  );
  expect(unequal).toBe(0);
  const untotalled = await count(
    db,
    `(select dimension, value, bucket, sum(requests) as n, sum(total_cost) from rollups_day
       where dimension not in ('all', 'total', 'user', 'workflow') and dimension not like 'total.%' group by 1, 2, 3
      except select substr(dimension, 7), value, bucket, requests, total_cost from rollups_day
       where dimension like 'total.%') different
      where n <> 0`,
  );
  expect(untotalled).toBe(0);
});

test('one tenant’s erasure touches nobody of the same name elsewhere, and is not shown there', async () => {
  const db = store.database;
  await record(db, [...events('kathmandu'), ...events('utc')]);
  const done = await erase('utc');
  expect(await count(db, `usage_events where tenant_id = 'kathmandu' and user_id = '${USER}'`)).toBe(60);
  expect(await eraser.get(done?.id ?? '', 'kathmandu')).toBeNull();
  expect(await eraser.list('kathmandu')).toEqual([]);
  expect(await eraser.list('utc')).toHaveLength(1);
});
