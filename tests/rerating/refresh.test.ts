/** A refresh from the price table that is installed now: what it changes, what it refuses, and taking it back. */
import { installedData } from '@farthing/pricing/book';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { PriceTable } from '../../packages/server/src/price-book/compile/compile-book.ts';
import { readInstalledTable } from '../../packages/server/src/price-book/refresh/read-table.ts';
import { startTestServer, type TestServer } from '../server/test-server.ts';

/** However busy the machine is. */
const eventually = (check: () => unknown) => vi.waitFor(check, { timeout: 20_000 });

interface TableModel {
  id: string;
  match: object;
  prices: unknown;
}
interface Table {
  version: string;
  providers: { id: string; models: TableModel[] }[];
}

let server: TestServer;
let installed: PriceTable;
let table: Table;
beforeAll(async () => {
  installed = await readInstalledTable('2026-11-22');
  server = await startTestServer();
  Object.assign(server.server.context, { readPriceTable: async () => ({ ...table, date: '2026-11-22' }) });
});
afterAll(() => server.stop());
beforeEach(async () => {
  table = { ...(structuredClone(installed) as unknown as Table), version: '99.0.0' };
  const { versions } = (await admin('GET', '/api/admin/prices/versions')).body.data;
  for (const one of versions as { id: string; removed_at: string | null }[]) {
    if (one.removed_at === null) await admin('DELETE', `/api/admin/prices/versions/${one.id}`);
  }
});

const admin = (method: 'GET' | 'POST' | 'DELETE', url: string, body?: unknown) =>
  server.send(method, url, { key: server.adminKey, ...(body === undefined ? {} : { body }) });
const refresh = (body: object = {}) => admin('POST', '/api/admin/prices/refresh', body);
const models = (provider: string) => {
  const found = table.providers.find((one) => one.id === provider);
  if (found === undefined) throw new Error(`The table has no ${provider}.`);
  return found.models;
};
const model = (provider: string, id: string) => {
  const found = models(provider).find((one) => one.id === id);
  if (found === undefined) throw new Error(`The table has no ${id}.`);
  return found;
};
const change = (id: string, prices: object) => {
  const found = model('openai', id);
  found.prices = { ...(found.prices as object), ...prices };
};
const find = (provider: string, name: string, at = Date.now(), tier: 'standard' | 'batch' = 'standard') =>
  server.server.context.books
    .forTenant('acme')
    .find({ provider, model: name, at, tier, speed: null, region: null });

test('the installed table under our own files is the installed book: a refresh finds nothing and stores nothing', async () => {
  table.version = installed.version;
  const { body } = await refresh();
  const count = installedData.providers.reduce((sum, provider) => sum + provider.models.length, 0);
  expect(body.data).toMatchObject({ added: 0, changed: 0, vanished: 0, unchanged: count, version_id: null });
  expect(body.data.changes).toEqual([]);
});

test('a dry run shows what is new, what changes and by how many per cent, and changes nothing', async () => {
  change('gpt-4o', { input_mtok: 3 });
  models('openai').unshift({
    id: 'gpt-99',
    match: { equals: 'gpt-99' },
    prices: { input_mtok: 7, output_mtok: 9 },
  });
  const { body } = await refresh({ dry_run: true });
  expect(body.data).toMatchObject({ added: 1, version_id: null, doubtful: 0 });
  const input = { provider: 'openai', model: 'gpt-4o', tier: 'standard', meter: 'input_uncached' };
  expect(body.data.changes).toContainEqual(
    expect.objectContaining({
      ...input,
      region: null,
      old_usd: '2.5',
      new_usd: '3',
      percent: '+20.0',
      problem: null,
    }),
  );
  expect(find('openai', 'gpt-99')).toBeNull();
  expect(find('openai', 'gpt-4o')?.rates.input_uncached?.usd).toBe('2.5');
});

test('a refresh holds from its moment on, for sellers of the same model too, and prices what waited for a new model', async () => {
  await admin('POST', '/api/usage/events', {
    ...{ id: 'waiting', tenant: 'acme', provider: 'openai', model: 'gpt-99' },
    usage: { prompt_tokens: 1_000_000, completion_tokens: 0 },
  });
  change('gpt-4o', { input_mtok: 3 });
  models('openai').unshift({
    id: 'gpt-99',
    match: { equals: 'gpt-99' },
    prices: { input_mtok: 7, output_mtok: 9 },
  });
  const before = Date.now() - 1000;
  const { data } = (await refresh()).body;
  expect(data.version_id).not.toBeNull();
  expect(find('openai', 'gpt-4o-2024-08-06')?.rates.input_uncached?.usd).toBe('3');
  expect(find('openai', 'gpt-4o', before)?.rates.input_uncached?.usd).toBe('2.5');
  expect(find('azure', 'gpt-99')?.rates.input_uncached?.usd).toBe('7');
  expect(find('openai', 'gpt-4o')?.provenance).toMatchObject({ table: 'genai-prices', version: '99.0.0' });
  await eventually(async () => {
    const event = await server.send('GET', '/api/usage/events/waiting', { key: server.acmeKey });
    expect(event.body.data.cost_usd).toBe('7');
  });
  expect((await refresh()).body.data).toMatchObject({ version_id: null, added: 0, changed: 0 });
});

test('with "always" the price was another all along', async () => {
  change('gpt-4o', { input_mtok: 3 });
  await refresh({ from: 'always' });
  expect(find('openai', 'gpt-4o', Date.UTC(2026, 0, 1))?.rates.input_uncached?.usd).toBe('3');
});

test('each kind of doubt needs a yes of its own; without it nothing is taken over', async () => {
  const broken = model('openai', 'gpt-4o-mini');
  change('gpt-4o', { input_mtok: 300, output_mtok: 0 });
  models('openai').splice(models('openai').indexOf(model('openai', 'o3')), 1);
  broken.prices = { input_mtok: 'dear', output_mtok: 1 };
  model('openai', 'gpt-4').prices = { input_mtok: -1, output_mtok: 1 };
  const refused = await refresh();
  expect(refused.status).toBe(409);
  const details = refused.body.error?.details as { needs: Record<string, number> } | undefined;
  expect(Object.keys(details?.needs ?? {}).sort()).toEqual([
    'jump',
    'negative',
    'not_a_number',
    'vanished',
    'zero',
  ]);
  expect((await refresh({ confirm: ['jump', 'zero', 'negative', 'not_a_number'] })).status).toBe(409);
  expect(find('openai', 'gpt-4o')?.rates.input_uncached?.usd).toBe('2.5');
  const taken = await refresh({ confirm: ['jump', 'zero', 'negative', 'not_a_number', 'vanished'] });
  expect(taken.body.data).toMatchObject({ changed: expect.any(Number), version_id: expect.any(String) });
  expect(find('openai', 'gpt-4o')?.rates.input_uncached?.usd).toBe('300');
  expect(find('openai', 'gpt-4o-mini')?.rates.input_uncached?.usd).toBe('0.15');
  expect(find('openai', 'gpt-4')?.rates.input_uncached?.usd).toBe('30');
  const { rows } = await server.server.context.db.asOperator((tx) =>
    tx.query<{ details: Record<string, unknown> }>(
      "select details from audit_log where action = 'prices.refresh' order by id desc limit 1",
    ),
  );
  expect(rows[0]?.details).toMatchObject({ source: 'genai-prices', vanished: taken.body.data.vanished });
});

test.each([
  ['empty', () => ({ ...table, providers: [] })],
  [
    'of half of the models',
    () => ({ ...table, providers: table.providers.map((one) => ({ ...one, models: [] })) }),
  ],
])(
  'a table that is %s is refused whatever is confirmed, and the prices in force are kept',
  async (_what, make) => {
    table = make() as Table;
    const version = server.server.context.books.status().version;
    const { status, body } = await refresh({ confirm: true });
    expect(status).toBe(409);
    expect(body.error?.message).toMatch(/The prices in force were kept\.$/);
    expect(server.server.context.books.status()).toEqual({ version, problem: null });
  },
);

test('two refreshes at once are one version, and a version taken back leaves the book as it was', async () => {
  const { version } = server.server.context.books.status();
  change('gpt-4o', { input_mtok: 3 });
  const both = await Promise.all([refresh(), refresh()]);
  const made = both.map(({ body }) => body.data.version_id as string | null).filter((id) => id !== null);
  expect(made).toHaveLength(1);
  const listed = (await admin('GET', '/api/admin/prices/versions')).body.data.versions;
  expect(listed[0]).toMatchObject({ id: made[0], kind: 'refresh', source: 'genai-prices', removed_at: null });
  expect((await admin('DELETE', `/api/admin/prices/versions/${made[0]}`)).status).toBe(200);
  expect(server.server.context.books.status().version).toBe(version);
  expect(find('openai', 'gpt-4o')?.rates.input_uncached?.usd).toBe('2.5');
  expect((await admin('DELETE', `/api/admin/prices/versions/${made[0]}`)).status).toBe(404);
});

test("one's own card stays in force over a refresh, and a refresh over what it was made from", async () => {
  const card = {
    kind: 'card',
    provider: 'openai',
    model: 'gpt-4o',
    rates: { input_uncached: '2.4', output_text: '10' },
  };
  const added = await admin('POST', '/api/admin/prices', { ...card, confirm: true });
  change('gpt-4o', { input_mtok: 3 });
  await refresh();
  expect(find('openai', 'gpt-4o')?.rates.input_uncached?.usd).toBe('2.4');
  await admin('DELETE', `/api/admin/prices/card/${added.body.data.id}`);
  expect(find('openai', 'gpt-4o')?.rates.input_uncached?.usd).toBe('3');
});
