import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertEvent } from '../../../../../tests/postgres/sample-events.ts';
import { createTestDatabase, type TestDatabase } from '../../../../../tests/postgres/test-database.ts';
import type { Database } from '../database.ts';
import { createPartitions } from '../schema/partitions.ts';
import { backup } from './backup.ts';
import { restore } from './restore.ts';

const TIMES = ['2026-10-31T23:59:59.999Z', '2026-11-01T00:00:00Z', '2024-02-29T12:00:00Z'];

async function totals(database: Database) {
  const { rows } = await database.asOperator((tx) =>
    tx.query<{ events: string; ids: string; cost: string; digest: string }>(
      `select count(*) as events, (select count(*) from event_ids) as ids, sum(total_cost) as cost,
              md5(string_agg(e::text, '|' order by id)) as digest from usage_events e`,
    ),
  );
  return rows[0];
}

describe('backup and restore', () => {
  let source: TestDatabase;
  let folder: string;
  let file: string;
  let writing: Promise<void>;
  beforeAll(async () => {
    source = await createTestDatabase();
    folder = await mkdtemp(path.join(os.tmpdir(), 'farthing-backup-'));
    file = path.join(folder, 'ledger.backup');
    await createPartitions(source.database).ensure(TIMES.map((time) => Date.parse(time)));
    await source.database.asOperator((tx) =>
      tx.query(
        `insert into audit_log (actor, action) select 'test', 'made ' || n from generate_series(1, 3) n`,
      ),
    );
    let stop = false;
    let first: (() => void) | undefined;
    const begun = new Promise<void>((resolve) => {
      first = resolve;
    });
    writing = (async () => {
      for (let n = 0; !stop; n += 1) {
        const time = TIMES[n % TIMES.length] ?? '';
        const cost = n % 7 === 0 ? null : `0.${String(n).padStart(12, '0')}`;
        await source.database.asWriter((tx) =>
          insertEvent(tx, { tenant: 'default', id: `event ${n}`, time, cost }),
        );
        if (n === 30) first?.();
      }
    })();
    await begun;
    await backup({ connectionString: source.connectionString, file });
    stop = true;
    await writing;
  });
  afterAll(async () => {
    await source.drop();
    await rm(folder, { recursive: true, force: true });
  });

  test('a backup taken while events arrive holds one moment: every id with its event', async () => {
    const target = await createTestDatabase();
    const { rows } = await restore({ connectionString: target.connectionString, file });
    const restored = await totals(target.database);
    expect(restored?.events).toBe(restored?.ids);
    expect(restored?.events).toBe(String(rows['usage_events']));
    expect(Number(restored?.events)).toBeGreaterThan(30);
    await target.drop();
  });

  test('a restored ledger equals its source, row by row, and goes on counting', async () => {
    const quiet = path.join(folder, 'quiet.backup');
    await backup({ connectionString: source.connectionString, file: quiet });
    const target = await createTestDatabase();
    await restore({ connectionString: target.connectionString, file: quiet });
    expect(await totals(target.database)).toEqual(await totals(source.database));
    const { rows } = await target.database.asOperator((tx) =>
      tx.query<{ id: string }>(`insert into audit_log (actor, action) values ('test', 'next') returning id`),
    );
    expect(rows).toEqual([{ id: '4' }]);
    const forced = await target.database.asOwner((tx) =>
      tx.query(
        `select relname from pg_class where relname in ('usage_events', 'tenants') and not relforcerowsecurity`,
      ),
    );
    expect(forced.rows).toEqual([]);
    await target.drop();
  });

  test('a database that was never migrated is brought to the schema of the backup', async () => {
    const target = await createTestDatabase({ empty: true });
    await restore({ connectionString: target.connectionString, file });
    expect(Number((await totals(target.database))?.events)).toBeGreaterThan(30);
    await target.drop();
  });

  test('a ledger with events is refused, and replaced only when forced', async () => {
    const target = await createTestDatabase();
    await restore({ connectionString: target.connectionString, file });
    const before = await totals(target.database);
    await expect(restore({ connectionString: target.connectionString, file })).rejects.toThrow(
      /not empty.*--force/s,
    );
    expect(await totals(target.database)).toEqual(before);
    await restore({ connectionString: target.connectionString, file, force: true });
    expect(await totals(target.database)).toEqual(before);
    await target.drop();
  });

  test('a damaged or cut file changes nothing', async () => {
    const target = await createTestDatabase();
    const whole = await readFile(file);
    const damaged = path.join(folder, 'damaged');
    const flipped = Buffer.from(whole);
    flipped[Math.floor(whole.length / 2)] = (flipped[Math.floor(whole.length / 2)] ?? 0) ^ 0xff;
    for (const bytes of [
      whole.subarray(0, whole.length / 2),
      flipped,
      Buffer.from('nonsense'),
      Buffer.alloc(0),
    ]) {
      await writeFile(damaged, bytes);
      await expect(restore({ connectionString: target.connectionString, file: damaged })).rejects.toThrow(
        /damaged|ends too early|no backup/,
      );
    }
    expect(await totals(target.database)).toMatchObject({ events: '0', ids: '0' });
    await target.drop();
  });

  test('a backup is private and never replaces a file', async () => {
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await expect(backup({ connectionString: source.connectionString, file })).rejects.toThrow(
      /exists already/,
    );
  });
});
