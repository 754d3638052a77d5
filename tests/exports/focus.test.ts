/** FOCUS files: complete to the last digit, exact in every row, and by the rules of FOCUS 1.2. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { parseUsd } from '@farthing/pricing';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { checkFocus } from '../../packages/cli/src/commands/export/focus/check.ts';
import { type Cells, type ExportServer, readCsv, startExportServer } from './export-server.ts';

const sum = (rows: readonly Cells[], column: string): bigint =>
  rows.reduce((all, row) => all + parseUsd(row[column] ?? '0'), 0n);

/** What the ledger charged, by its own rows. */
async function charged(server: ExportServer, where = 'true'): Promise<bigint> {
  const { rows } = await server.server.context.db.asOperator((tx) =>
    tx.query<{ total: string }>(
      `select coalesce(sum(total_cost), 0)::text as total from usage_events where ${where}`,
    ),
  );
  return parseUsd(rows[0]?.total ?? '');
}

/** Against the rules, and against the schema that the server says such files have. */
async function checked(server: ExportServer, text: string): Promise<readonly unknown[]> {
  const metadata: unknown = JSON.parse((await server.file('/api/exports/focus/metadata')).text);
  const { problems } = await checkFocus(Readable.from([text], { objectMode: false }), { metadata });
  return problems;
}

describe('a file of everything', () => {
  let server: ExportServer;
  let text: string;
  let rows: Cells[];

  beforeAll(async () => {
    server = await startExportServer();
    const price = async (body: object) => {
      const answer = await server.send('POST', '/api/admin/prices', { body });
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    };
    const own = (model: string, rates: object) =>
      price({ kind: 'card', provider: 'openai-compatible', model, rates });
    await own('by-the-hour', { audio_seconds_in: { usd: '0.4', per: 3600, minimum: 10 } });
    await own('cheaper-later', {
      input_uncached: { usd: '3', per: 1_000_000, mode: 'marginal', steps: [{ from: 1001, usd: '1' }] },
    });
    await own('long', {
      input_uncached: { usd: '2', per: 1_000_000, steps: [{ from: 200_001, usd: '4' }] },
      output_text: '8',
    });
    await price({ kind: 'override', tenant: 'globex', provider: 'openai-compatible', percent: '-12.5' });
    const house = (model: string, quantities: object, more: object = {}) => ({
      provider: 'openai-compatible',
      model,
      quantities,
      ...more,
    });
    const at = (day: number, hour = 0) => ({ time: new Date(Date.UTC(2026, 10, day, hour)).toISOString() });
    await server.record([
      { provider: 'openai', model: 'gpt-5.2', ...at(3), quantities: { input_uncached: 333, output_text: 7 } },
      {
        provider: 'openai',
        model: 'gpt-5.2',
        ...at(3, 5),
        quantities: { input_uncached: 1, output_text: 3 },
      },
      {
        provider: 'openai',
        model: 'gpt-5.2',
        ...at(3, 23),
        quantities: { input_uncached: 10, input_cache_read: 90, output_text: 5, output_reasoning: 2 },
        project: '=search()',
        environment: 'production',
        agent: 'crawler',
        user: 'ada',
        workflow: 'w',
        tags: { team: 'search', 'farthing/agent': 'mine', 'user:farthing/agent': 'theirs' },
      },
      { provider: 'openai', model: 'nobody-knows-this', ...at(3), quantities: { input_uncached: 5 } },
      {
        provider: 'anthropic',
        model: 'claude-sonnet-4-5',
        ...at(4),
        quantities: { input_uncached: 9, input_cache_write_5m: 4, input_cache_write_1h: 3, web_searches: 2 },
      },
      house('by-the-hour', { audio_seconds_in: 3.7 }, at(5)),
      house('by-the-hour', { audio_seconds_in: 12.25 }, at(5)),
      house('cheaper-later', { input_uncached: 1_001 }, at(5)),
      house('cheaper-later', { input_uncached: 1_001 }, at(5)),
      house('cheaper-later', { input_uncached: 900 }, at(5)),
      house('long', { input_uncached: 150_000, output_text: 1 }, at(6)),
      house('long', { input_uncached: 250_000, output_text: 1 }, at(6)),
      {
        provider: 'openrouter',
        model: 'openai/gpt-4o',
        ...at(7),
        usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110, cost: 0.0003571 },
      },
    ]);
    await server.record(
      [
        house('long', { input_uncached: 150_001, output_text: 3 }, at(6)),
        house('long', { input_uncached: 250_000, output_text: 3 }, at(6)),
        house('cheaper-later', { input_uncached: 1_500 }, at(6)),
      ],
      server.globexKey,
    );
    text = (await server.file('/api/exports/focus', server.adminKey)).text;
    rows = readCsv(text);
  });
  afterAll(() => server.stop());

  test('keeps every rule of FOCUS 1.2', async () => {
    expect(await checked(server, text)).toEqual([]);
    const exact = await server.file('/api/exports/focus?text=exact&split=user,workflow', server.adminKey);
    expect(await checked(server, exact.text)).toEqual([]);
  });

  test('names its schema in its head, which the metadata has with who made it and every column in order', async () => {
    const { headers } = await server.file('/api/exports/focus?from=2026-11-03&to=2026-11-03');
    const metadata = await server.file('/api/exports/focus/metadata');
    expect(metadata.headers.get('content-type')).toMatch(/^application\/json/);
    const { DataGenerator, Schema } = JSON.parse(metadata.text);
    expect(DataGenerator).toEqual({ DataGenerator: 'Farthing' });
    expect(Schema.FocusVersion).toBe('1.2');
    expect(headers.get('x-farthing-focus-schema')).toBe(Schema.SchemaId);
    const { link } = { link: headers.get('link') ?? '' };
    const described = /^<([^>]+)>; rel="describedby"/.exec(link)?.[1] ?? '';
    expect(new URL(described, 'http://there/api/exports/focus?split=user').pathname).toBe(
      '/api/exports/focus/metadata',
    );
    const named = Schema.ColumnDefinition.map((column: { ColumnName: string }) => column.ColumnName);
    expect(named).toEqual(Object.keys(rows[0] ?? {}));
    expect(Schema.ColumnDefinition).toContainEqual({
      ColumnName: 'Tags',
      DataType: 'JSON',
      StringEncoding: 'UTF-8',
      ProviderTagPrefixes: ['farthing/'],
    });
  });

  test('adds up to what the ledger charged, for all, for one tenant, for a day', async () => {
    expect(sum(rows, 'BilledCost')).toBe(await charged(server));
    const acme = readCsv((await server.file('/api/exports/focus')).text);
    expect(new Set(acme.map((row) => row['BillingAccountId']))).toEqual(new Set(['acme']));
    expect(sum(acme, 'BilledCost')).toBe(await charged(server, "tenant_id = 'acme'"));
    const day = readCsv((await server.file('/api/exports/focus?from=2026-11-03&to=2026-11-03')).text);
    expect(sum(day, 'BilledCost')).toBe(
      await charged(server, "tenant_id = 'acme' and event_time < '2026-11-04T00:00:00Z'"),
    );
    expect(new Set(day.map((row) => row['ChargePeriodStart']))).toEqual(new Set(['2026-11-03T00:00:00Z']));
  });

  test('has a row for each meter and price, not for each call', () => {
    const plain = rows.filter((row) => row['x_ModelId'] === 'gpt-5.2' && row['SubAccountId'] === '');
    expect(plain.map((row) => [row['SkuMeter'], row['ConsumedQuantity'], row['x_ChargeLines']])).toEqual([
      ['Input Tokens', '334', '2'],
      ['Output Tokens', '10', '2'],
    ]);
    expect(plain[0]).toMatchObject({
      ConsumedUnit: 'Tokens',
      PricingQuantity: '0.000334',
      PricingUnit: '1000000 Tokens',
      ListUnitPrice: '1.75',
      ContractedUnitPrice: '1.75',
      BilledCost: '0.0005845',
      ServiceName: 'OpenAI API',
      SkuId: 'openai/gpt-5.2/input_uncached',
      BillingPeriodStart: '2026-11-01T00:00:00Z',
      BillingPeriodEnd: '2026-12-01T00:00:00Z',
    });
  });

  test('attributes by project and tags, keeping a user’s own keys apart from ours', async () => {
    const [row] = rows.filter((one) => one['x_Agent'] === 'crawler');
    expect(row?.['SubAccountId']).toBe("'=search()");
    expect(JSON.parse(row?.['Tags'] ?? '')).toEqual({
      team: 'search',
      'user:farthing/agent': 'mine',
      'user:user:farthing/agent': 'theirs',
      'farthing/environment': 'production',
      'farthing/agent': 'crawler',
    });
    expect([row?.['x_User'], row?.['x_Workflow']]).toEqual(['', '']);
    const split = readCsv((await server.file('/api/exports/focus?split=user,workflow')).text);
    expect(split.find((one) => one['x_Agent'] === 'crawler')).toMatchObject({
      x_User: 'ada',
      x_Workflow: 'w',
    });
  });

  test('splits a price that is cut at the quantity, and one that the context chooses', () => {
    const of = (model: string, tenant: string, meter = 'input_uncached') =>
      rows
        .filter((row) => row['x_ModelId'] === model && row['BillingAccountId'] === tenant)
        .filter((row) => row['x_Meter'] === meter)
        .map((row) => [
          row['ConsumedQuantity'],
          row['ListUnitPrice'],
          row['ContractedUnitPrice'],
          row['BilledCost'],
        ])
        .sort();
    expect(of('cheaper-later', 'acme')).toEqual([
      ['2', '1', '1', '0.000002'],
      ['2000', '3', '3', '0.006'],
      ['900', '3', '3', '0.0027'],
    ]);
    expect(of('cheaper-later', 'globex')).toEqual([
      ['1000', '3', '2.625', '0.002625'],
      ['500', '1', '0.875', '0.0004375'],
    ]);
    expect(of('long', 'acme')).toEqual([
      ['150000', '2', '2', '0.3'],
      ['250000', '4', '4', '1'],
    ]);
    expect(of('long', 'globex')).toEqual([
      ['150001', '2', '1.75', '0.26250175'],
      ['250000', '4', '3.5', '0.875'],
    ]);
  });

  test('names the price of the list, the same for whoever pays less', () => {
    const ids = (tenant: string) =>
      new Set(
        rows
          .filter((row) => row['x_ModelId'] === 'long' && row['BillingAccountId'] === tenant)
          .map((row) => row['SkuPriceId']),
      );
    expect(ids('globex')).toEqual(ids('acme'));
    const cards = new Set(rows.filter((row) => row['x_ModelId'] === 'long').map((row) => row['x_CardId']));
    expect(cards.size).toBe(2);
  });

  test('prices minimums and quantities without end by rules that still multiply', () => {
    const [row] = rows.filter((one) => one['x_ModelId'] === 'by-the-hour');
    // 3.7 s are charged as 10 s.
    expect(row).toMatchObject({
      ConsumedQuantity: '15.95',
      ConsumedUnit: 'Seconds',
      PricingUnit: 'Hours',
      PricingQuantity: '0.006180555555555556',
      ContractedCost: '0.0024722222222222224',
      BilledCost: '0.002472222222',
    });
  });

  test('shows the difference to a cost that the provider stated as an adjustment', () => {
    const router = rows.filter((row) => row['ServiceName'] === 'OpenRouter');
    expect(router.map((row) => row['ChargeCategory'])).toEqual(['Usage', 'Usage', 'Adjustment']);
    expect(sum(router, 'BilledCost')).toBe(parseUsd('0.0003571'));
    expect(router[2]).toMatchObject({ SkuId: '', ListUnitPrice: '', PublisherName: 'OpenAI' });
  });

  test('has no row for a call without a price, and says how many there are', async () => {
    expect(rows.some((row) => row['x_ModelId'] === 'nobody-knows-this')).toBe(false);
    const { headers } = await server.file('/api/exports/focus');
    expect(headers.get('x-farthing-unpriced-requests')).toBe('1');
  });

  test('refuses days whose events are gone instead of leaving them out', async () => {
    const { db } = server.server.context;
    await db.asOperator((tx) =>
      tx.query("update tenants set events_from = '2026-11-05T00:00:00Z' where id = 'globex'"),
    );
    onTestFinished(() =>
      db
        .asOperator((tx) => tx.query("update tenants set events_from = null where id = 'globex'"))
        .then(() => {}),
    );
    const ask = (query: string, key: string) => server.send('GET', `/api/exports/focus?${query}`, { key });
    // Nothing was there before.
    expect((await server.file('/api/exports/focus', server.globexKey)).text).toContain('globex');
    await db.asOperator((tx) =>
      tx.query("update tenants set events_from = '2026-11-07T00:00:00Z' where id = 'globex'"),
    );
    const refused = await ask('from=2026-11-01', server.globexKey);
    expect([refused.status, refused.body.error?.code]).toEqual([410, 'past_retention']);
    expect(refused.body.error?.message).toContain('2026-11-07');
  });
});

test('what is agreed with a tenant stands beside the list price, in a unit for both, or in its place', async () => {
  const server = await startExportServer();
  onTestFinished(() => server.stop());
  const agree = async (model: string, terms: object) => {
    const body = { kind: 'override', tenant: 'acme', provider: 'openai', model, ...terms };
    expect((await server.send('POST', '/api/admin/prices', { body })).status).toBe(201);
  };
  await agree('gpt-5.2', { fixed: { output_text: { usd: '0.00002', per: 1 } } });
  await agree('of-our-own', { rates: { input_uncached: '5' } });
  const time = '2026-11-20T00:00:00Z';
  const quantities = { input_uncached: 1_000, output_text: 10 };
  await server.record([
    { provider: 'openai', model: 'gpt-5.2', time, quantities },
    { provider: 'openai', model: 'of-our-own', time, quantities: { input_uncached: 3 } },
  ]);
  const { text } = await server.file('/api/exports/focus');
  expect(await checked(server, text)).toEqual([]);
  expect(
    readCsv(text).map((row) => [
      ...[row['x_ModelId'], row['x_Meter'], row['PricingUnit']],
      ...[row['ListUnitPrice'], row['ContractedUnitPrice'], row['ListCost'], row['BilledCost']],
    ]),
  ).toEqual([
    ['gpt-5.2', 'input_uncached', '1000000 Tokens', '1.75', '0', '0.00175', '0'],
    ['gpt-5.2', 'output_text', '1000000 Tokens', '14', '20', '0.00014', '0.0002'],
    // What is free besides is free too: the call itself.
    ['gpt-5.2', 'requests', 'Requests', '0', '0', '0', '0'],
    ['of-our-own', 'input_uncached', '1000000 Tokens', '5', '5', '0.000015', '0.000015'],
  ]);
});

test('what is recorded without being charged keeps its prices, and is billed 0', async () => {
  const server = await startExportServer({ COST_TRACKING_TIER: 'development' });
  onTestFinished(() => server.stop());
  const quantities = { input_uncached: 1_000, output_text: 10 };
  const time = '2026-11-20T00:00:00Z';
  await server.record([
    { provider: 'openai', model: 'gpt-5.2', time, quantities },
    { provider: 'openai', model: 'nobody-knows-this', time, quantities },
  ]);
  const { text } = await server.file('/api/exports/focus');
  expect(await checked(server, text)).toEqual([]);
  expect(readCsv(text)).toMatchObject([
    { BilledCost: '0', EffectiveCost: '0', ListCost: '0.00175', ContractedCost: '0.00175' },
    { BilledCost: '0', ListCost: '0.00014' },
  ]);
});

const FOLDER = process.env['FARTHING_FIXTURES'];
test.skipIf(FOLDER === undefined)(
  'recorded responses of every provider keep every rule and add up (needs FARTHING_FIXTURES)',
  async () => {
    const server = await startExportServer();
    onTestFinished(() => server.stop());
    for (const file of readdirSync(FOLDER ?? '')
      .filter((name) => name.endsWith('.ndjson'))
      .sort()) {
      await server.send('POST', '/api/usage/events?format=responses', {
        body: readFileSync(join(FOLDER ?? '', file)),
        headers: { 'content-type': 'application/x-ndjson' },
      });
    }
    const { rows: years } = await server.server.context.db.asOperator((tx) =>
      tx.query<{ year: string }>(
        "select distinct extract(year from event_time at time zone 'UTC')::text as year from usage_events",
      ),
    );
    const rows: Cells[] = [];
    for (const { year } of years) {
      const range = `from=${year}-01-01&to=${year}-12-31`;
      const { text } = await server.file(`/api/exports/focus?text=exact&${range}`, server.adminKey);
      expect(await checked(server, text)).toEqual([]);
      rows.push(...readCsv(text));
    }
    const different = (column: string) => new Set(rows.map((row) => row[column])).size;
    console.log(`${rows.length} rows, ${different('SkuId')} SKUs, ${different('ServiceName')} services`);
    expect(sum(rows, 'BilledCost')).toBe(await charged(server));
  },
  120_000,
);
