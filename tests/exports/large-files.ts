/** Many events: memory stays flat, a reader who stalls or leaves stops the reading, a cut file shows. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parseUsd } from '@farthing/pricing';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import type { PageReader } from '../../packages/server/src/exports/desk.ts';
import { type ExportServer, readCsv, startExportServer } from './export-server.ts';

/** The tests, over so many events. */
export function largeFileTests(events: number): void {
  vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });
  let server: ExportServer;
  beforeAll(async () => {
    server = await startExportServer();
    await server.record([
      {
        id: 'first',
        time: '2026-11-10T00:00:00Z',
        provider: 'openai',
        model: 'gpt-5.2',
        quantities: { input_uncached: 1_111, input_cache_read: 222, output_text: 33 },
        agent: 'crawler',
        tags: { team: 'search' },
      },
    ]);
    await server.server.context.db.asOwner(async (tx) => {
      const { rows } = await tx.query<{ column_name: string }>(
        `select column_name from information_schema.columns
        where table_name = 'usage_events' and table_schema = current_schema() order by ordinal_position`,
      );
      const changed: { readonly [column: string]: string } = {
        id: "'copy-' || n",
        event_time: "e.event_time + n * interval '400 milliseconds'",
      };
      const columns = rows.map((row) => row.column_name);
      const copies = `from usage_events e, generate_series(1, ${events - 1}) n where e.id = 'first'`;
      // Else its work is under way when the database is dropped, and cannot be ended.
      await tx.query(`do $$ declare part regclass; begin
      for part in select 'event_ids'::regclass union all select inhrelid::regclass from pg_inherits
                   where inhparent = 'usage_events'::regclass loop
        execute format('alter table %s set (autovacuum_enabled = false)', part);
      end loop; end $$`);
      await tx.query('set local role farthing_operator'); // the owner sees no rows
      await tx.query(`insert into event_ids (tenant_id, id, event_time, content_hash)
      select e.tenant_id, ${changed['id']}, ${changed['event_time']}, sha256('') ${copies}`);
      await tx.query(`insert into usage_events (${columns.join(', ')})
      select ${columns.map((name) => changed[name] ?? `e.${name}`).join(', ')} ${copies}`);
      // Enough of the sums for what asks how much there is.
      await tx.query(
        `update rollups_15m set requests = requests + ${events - 1} where tenant_id = 'acme' and dimension = 'all'`,
      );
      await tx.query('reset role');
      await tx.query('analyze usage_events, event_ids');
    });
  });
  afterAll(() => server.stop());

  setFlagsFromString('--expose_gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  function heapMiB(): number {
    collectGarbage();
    return process.memoryUsage().heapUsed / 1_048_576;
  }

  /** Opens a file without reading of it. */
  async function open(url: string): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    httpRequest(server.server.url + url, { headers: { authorization: `Bearer ${server.acmeKey}` } }, resolve)
      .on('error', reject)
      .end();
    return promise;
  }

  /** Looks at every page that is read; `look` may refuse one. */
  function watchReads(look: (count: number) => void = () => undefined): { count: number } {
    const { exports } = server.server.context;
    const { read } = exports;
    const seen = { count: 0 };
    const watched: PageReader = (page) => {
      seen.count += 1;
      return read(async () => {
        look(seen.count);
        return page();
      });
    };
    Object.assign(exports, { read: watched });
    onTestFinished(() => void Object.assign(exports, { read }));
    return seen;
  }

  /** Resolves when no page was asked for during several looks. */
  async function standstill(seen: { readonly count: number }): Promise<void> {
    for (let same = 0, last = -1; same < 5; ) {
      await sleep(200);
      same = seen.count === last ? same + 1 : 0;
      last = seen.count;
    }
  }

  test('a file far larger than what the process holds of it at any time', async () => {
    const before = heapMiB();
    let [bytes, lines, highest, looked] = [0, 0, 0, 0];
    for await (const piece of await open('/api/exports/events?format=ndjson')) {
      bytes += (piece as Buffer).length;
      for (const byte of piece as Buffer) if (byte === 10) lines += 1;
      if (bytes - looked < 20_000_000) continue;
      looked = bytes;
      highest = Math.max(highest, heapMiB() - before);
    }
    console.log(`${Math.round(bytes / 1_048_576)} MiB in ${lines} lines, ${highest.toFixed(1)} MiB of heap`);
    expect(lines).toBe(events);
    expect(bytes).toBeGreaterThan(events * 900);
    expect(highest).toBeLessThan(20);
  });

  test('a reader who stalls stops the reading and holds no connection of the database', async () => {
    const seen = watchReads();
    const answer = await open('/api/exports/events?format=ndjson');
    await standstill(seen);
    expect(seen.count).toBeGreaterThan(0);
    expect(seen.count).toBeLessThan(events / 1_000 / 2);
    const { connections } = await server.server.context.db.health();
    expect(connections.idle).toBe(connections.total);
    expect(connections.waiting).toBe(0);
    // Read on, it goes on.
    const stalledAt = seen.count;
    let read = 0;
    for await (const piece of answer) {
      read += (piece as Buffer).length;
      if (read > 30_000_000) break;
    }
    expect(seen.count).toBeGreaterThan(stalledAt);
    // Left, it ends.
    answer.destroy();
    await standstill(seen);
    expect(seen.count).toBeLessThan(events / 1_000);
  });

  test.each(['identity', 'gzip'])(
    'a file that fails on the way is not taken for whole (%s)',
    async (encoding) => {
      watchReads((count) => {
        if (count === 4) throw new Error('the database is away');
      });
      const answer = await fetch(`${server.server.url}/api/exports/events`, {
        headers: { authorization: `Bearer ${server.acmeKey}`, 'accept-encoding': encoding },
      });
      expect([answer.status, answer.headers.get('content-encoding')]).toEqual([
        200,
        encoding === 'gzip' ? 'gzip' : null,
      ]);
      await expect(answer.text()).rejects.toThrow();
      expect(server.lines.join('')).toContain('the database is away');
    },
  );

  test('compressed it is the same file', async () => {
    const url = '/api/exports/events?from=2026-11-10T00:00:00Z&to=2026-11-10T00:10:00Z';
    const plain = await fetch(server.server.url + url, {
      headers: { authorization: `Bearer ${server.acmeKey}`, 'accept-encoding': 'identity' },
    });
    const packed = await server.file(url);
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(packed.text).toBe(await plain.text());
    expect(readCsv(packed.text)).toHaveLength(1_500);
  });

  test('a day of charges is summed in parts that together are the day', async () => {
    const seen = watchReads();
    const before = heapMiB();
    const { text } = await server.file('/api/exports/focus?from=2026-11-10&to=2026-11-10');
    expect(heapMiB() - before).toBeLessThan(20);
    expect(seen.count).toBe(Math.ceil(events / 25_000));
    const rows = readCsv(text);
    expect(rows.map((row) => [row['x_Meter'], row['x_ChargeLines']])).toEqual([
      ['input_cache_read', String(events)],
      ['input_uncached', String(events)],
      ['output_text', String(events)],
    ]);
    const each = 1_111n * 1_750_000n + 222n * 175_000n + 33n * 14_000_000n;
    expect(rows.reduce((sum, row) => sum + parseUsd(row['BilledCost'] ?? ''), 0n)).toBe(
      each * BigInt(events),
    );
  });
}
