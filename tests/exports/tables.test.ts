/** Events and sums as files: the same figures as in lists and summaries, safe to open. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ExportServer, readCsv, readNdjson, startExportServer } from './export-server.ts';

let server: ExportServer;
beforeAll(async () => {
  server = await startExportServer();
  await server.record(
    Array.from({ length: 2_300 }, (_, index) => ({
      id: `e${index}`,
      time: new Date(Date.UTC(2026, 10, 1 + (index % 20), 7, index % 60)).toISOString(),
      provider: 'openai',
      model: index % 10 === 0 ? 'nobody-knows-this' : 'gpt-5.2',
      quantities: { input_uncached: 1_000 + index, input_cache_read: index, output_text: 7 },
      agent: `=cmd|'/c calc'!A${index % 3}`,
      tags: { team: 'search', odd: '"a",\nb' },
      latency_ms: 0.0000001,
    })),
  );
  await server.record(
    [
      {
        id: 'theirs',
        time: '2026-11-03T00:00:00Z',
        provider: 'openai',
        model: 'gpt-5.2',
        quantities: { output_text: 1 },
      },
    ],
    server.globexKey,
  );
});
afterAll(() => server.stop());

describe('events', () => {
  test('stand in CSV and NDJSON once each, with the fields of the list, and nobody else’s', async () => {
    const { text, headers } = await server.file('/api/exports/events');
    expect(headers.get('content-type')).toMatch(/^text\/csv/);
    expect(headers.get('content-disposition')).toBe(
      'attachment; filename="farthing-events-acme-2026-11-01_2026-11-22.csv"',
    );
    const elsewhere = await server.file('/api/exports/costs?timezone=America/New_York&to=2026-11-22');
    expect(elsewhere.headers.get('content-disposition')).toContain('costs-acme-2026-11-01_2026-11-22.csv');
    const focus = await server.file('/api/exports/focus?to=2026-11-22');
    expect(focus.headers.get('content-disposition')).toContain('focus-acme-2026-11-01_2026-11-22.csv');
    const rows = readCsv(text);
    expect(rows).toHaveLength(2_300);
    expect(new Set(rows.map((row) => row['id'])).size).toBe(2_300);
    expect(new Set(rows.map((row) => row['tenant']))).toEqual(new Set(['acme']));
    const json = readNdjson((await server.file('/api/exports/events?format=ndjson')).text);
    const listed = await server.send('GET', '/api/usage/events?limit=1000', { key: server.acmeKey });
    expect(json.slice(0, 1_000)).toMatchObject(listed.body.data.events);
    expect(json.map((row) => row['id'])).toEqual(rows.map((row) => row['id']));
  });

  test('show every digit, no formula, and nothing for what is not known', async () => {
    const { text } = await server.file('/api/exports/events?from=2026-11-02&to=2026-11-02');
    const [row] = readCsv(text).filter(({ id }) => id === 'e1');
    expect(row).toMatchObject({
      agent: "'=cmd|'/c calc'!A1",
      latency_ms: '0.0000001',
      // 1001 × 1.75 + 1 × 0.175 + 7 × 14 per million
      cost_usd: '0.001849925',
      input_cost_usd: '0.001751925',
      cache_read_cost_usd: '0.000000175',
      output_cost_usd: '0.000098',
      list_cost_usd: '0.001849925',
      project: '',
    });
    expect(JSON.parse(row?.['tags'] ?? '')).toEqual({ team: 'search', odd: '"a",\nb' });
    const [unpriced] = readCsv((await server.file('/api/exports/events?unpriced=true')).text);
    expect(unpriced).toMatchObject({ cost_usd: '', priced_subtotal_usd: '0' });
    const exact = await server.file('/api/exports/events?text=exact&from=2026-11-02&to=2026-11-02');
    expect(readCsv(exact.text).find(({ id }) => id === 'e1')?.['agent']).toBe("=cmd|'/c calc'!A1");
  });

  test('are filtered as in the list, and refused as there', async () => {
    const some = await server.file(
      '/api/exports/events?model=nobody-knows-this&from=2026-11-11&to=2026-11-11',
    );
    expect(readCsv(some.text)).toHaveLength(115);
    const status = async (url: string, key = server.acmeKey) => {
      const { status: code, body } = await server.send('GET', `/api/exports${url}`, { key });
      return [code, body.error?.code];
    };
    expect(await status('/events?from=2024-01-01&to=2026-11-01')).toEqual([400, 'invalid_parameter']);
    expect(await status('/events?tenant=globex')).toEqual([403, 'forbidden']);
    expect(await status('/costs?tenant=globex')).toEqual([403, 'forbidden']);
    expect(await status('/focus?tenant=globex')).toEqual([403, 'forbidden']);
    expect(await status('/events?tenant=nobody', server.adminKey)).toEqual([400, 'unknown_tenant']);
    expect(await status('/costs?bucket=hour&from=2020-01-01')).toEqual([400, 'invalid_parameter']);
    expect(await status('/focus?from=2026-11-22T00:00:00Z')).toEqual([400, 'invalid_parameter']);
  });
});

describe('sums', () => {
  test('by day and group are those of the summary, and those below the limit are one row', async () => {
    const url = '/api/exports/costs?bucket=day&group_by=agent,model&limit=2';
    const rows = readCsv((await server.file(url)).text);
    const json = readNdjson((await server.file(`${url}&format=ndjson`)).text);
    const summary = await server.send('GET', '/api/cost/summary', { key: server.acmeKey });
    const picos = (usd: unknown) => BigInt(Math.round(Number(usd) * 1e12));
    expect(rows.reduce((sum, row) => sum + picos(row['cost_usd']), 0n)).toBe(
      picos(summary.body.data.total_cost),
    );
    expect(rows.reduce((sum, row) => sum + Number(row['requests']), 0)).toBe(2_300);
    const first = rows.filter(({ bucket }) => bucket === '2026-11-01');
    expect(first.map(({ agent, model, groups }) => [agent !== '', model !== '', groups])).toEqual([
      [true, true, '1'],
      [true, true, '1'],
      [false, false, '1'],
    ]);
    expect(json.map((row) => row['cost_usd'])).toEqual(rows.map((row) => row['cost_usd']));
  });

  test('are measured as asked, without buckets and without groups too', async () => {
    const { text } = await server.file(
      '/api/exports/costs?group_by=tag.team&measures=requests,latency_p95,cost_per_request,cache_hit_share',
    );
    const [row, ...more] = readCsv(text);
    expect(more).toEqual([]);
    expect(row).toMatchObject({ bucket: '', 'tag.team': 'search', requests: '2300' });
    expect(Object.keys(row ?? {}).slice(-4)).toEqual([
      'requests',
      'latency_p95_ms',
      'cost_per_request_usd',
      'cache_hit_share_pct',
    ]);
  });
});
