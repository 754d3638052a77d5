import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { brokenInvariants } from '../ledger/invariants.ts';
import { startTestServer, type TestServer } from '../server/test-server.ts';

/** However busy the machine is. */
const eventually = (check: () => unknown) => vi.waitFor(check, { timeout: 20_000 });

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const admin = (method: 'GET' | 'POST' | 'DELETE', url: string, body?: unknown) =>
  server.send(method, url, { key: server.adminKey, ...(body === undefined ? {} : { body }) });
const use = (id: string, model: string, tenant = 'acme') =>
  server.send('POST', '/api/usage/events', {
    key: server.adminKey,
    body: {
      id,
      tenant,
      provider: 'openai',
      model,
      usage: { prompt_tokens: 1_000_000, completion_tokens: 0 },
    },
  });
const costOf = async (id: string, key = server.acmeKey) =>
  (await server.send('GET', `/api/usage/events/${id}`, { key })).body.data;

test('an event without a price gets one by itself when it is added, and the audit log names who added it', async () => {
  await use('wait-1', 'house-1');
  expect((await costOf('wait-1')).cost_usd).toBeNull();
  const card = { kind: 'card', provider: 'openai', model: 'house-1', rates: { input_uncached: '1.5' } };
  expect((await admin('POST', '/api/admin/prices', card)).status).toBe(201);
  await eventually(async () => expect((await costOf('wait-1')).cost_usd).toBe('1.5'));
  const { rows } = await server.server.context.db.asOperator((tx) =>
    tx.query<{ actor: string }>("select actor from audit_log where action = 'price_card.add'"),
  );
  expect(rows[0]?.actor).toMatch(/^key:/);
  const { data } = (await admin('GET', '/api/admin/prices?search=house-1')).body;
  expect(data.cards.map((one: { model: string }) => one.model)).toEqual(['house-1']);
  expect(data.own.cards[0]).toMatchObject({ model: 'house-1', created_by: rows[0]?.actor });
});

test('an alias, and a card of an import, price the events that waited for them', async () => {
  await use('wait-alias', 'house-alias');
  await use('wait-import', 'house-import');
  const alias = { kind: 'alias', provider: 'openai', alias: 'house-alias', model: 'gpt-4o' };
  expect((await admin('POST', '/api/admin/prices', alias)).status).toBe(201);
  await eventually(async () => expect((await costOf('wait-alias')).cost_usd).toBe('2.5'));
  const data = [{ provider: 'openai', model: 'house-import', rates: { input_uncached: '4' } }];
  const imported = await admin('POST', '/api/admin/prices/import', {
    format: 'farthing',
    table: 'waiting',
    data,
  });
  expect(imported.body.data).toMatchObject({ added: 1, version: expect.any(String) });
  await eventually(async () => expect((await costOf('wait-import')).cost_usd).toBe('4'));
  expect(await brokenInvariants(server.server.context.db)).toEqual([]);
});

test('a card of some hours holds in them and within its dates only, over the card of the whole day', async () => {
  const card = { kind: 'card', provider: 'openai', model: 'house-hours' };
  await admin('POST', '/api/admin/prices', { ...card, rates: { input_uncached: '4' } });
  const night = { start: '22:00:00', end: '02:00:00' };
  const dates = { from: '2026-11-10T00:00:00Z', to: '2026-11-20T00:00:00Z' };
  const timed = { ...card, ...dates, timeOfDay: night, rates: { input_uncached: '3' } };
  expect((await admin('POST', '/api/admin/prices', timed)).status).toBe(201);
  const priceAt = async (at: string) => {
    const call = { provider: 'openai', model: 'house-hours', quantities: { input_uncached: 1_000_000 }, at };
    const { data } = (await admin('POST', '/api/cost/price', { items: [{ call }] })).body;
    return data.prices[0].total_usd;
  };
  expect(await priceAt('2026-11-12T23:00:00Z')).toBe('3');
  expect(await priceAt('2026-11-12T01:59:59Z')).toBe('3');
  expect(await priceAt('2026-11-12T02:00:00Z')).toBe('4');
  expect(await priceAt('2026-11-09T23:00:00Z')).toBe('4');
  expect(await priceAt('2026-11-20T23:00:00Z')).toBe('4');
});

test('an import that is taken back leaves no card, and what had vanished in it is in force again', async () => {
  const table = (data: object[], more = {}) =>
    admin('POST', '/api/admin/prices/import', { format: 'farthing', table: 'taken back', data, ...more });
  const card = (model: string) => ({ provider: 'openai', model, rates: { input_uncached: '4' } });
  const price = (model: string) =>
    server.server.context.books.forList().find({
      ...{ provider: 'openai', model, at: Date.now(), tier: 'standard', speed: null, region: null },
    })?.rates.input_uncached?.usd;
  await table([card('back-a')]);
  const second = await table([card('back-b')], { confirm: ['vanished'] });
  expect([price('back-a'), price('back-b')]).toEqual([undefined, '4']);
  await admin('DELETE', `/api/admin/prices/versions/${second.body.data.version}`);
  expect([price('back-a'), price('back-b')]).toEqual(['4', undefined]);
});

test('a price that jumps, falls to nothing or disappears is refused with its difference until it is confirmed', async () => {
  const card = { kind: 'card', provider: 'openai', model: 'house-1', rates: { input_uncached: '2.26' } };
  const refused = await admin('POST', '/api/admin/prices', card);
  expect(refused.status).toBe(409);
  expect(refused.body.error?.details).toMatchObject({
    changes: [
      { model: 'house-1', meter: 'input_uncached', old_usd: '1.5', new_usd: '2.26', problem: 'jump' },
    ],
  });
  const zero = await admin('POST', '/api/admin/prices', { ...card, rates: { input_uncached: '0' } });
  expect(zero.status).toBe(409);
  expect(
    (await admin('POST', '/api/admin/prices', { ...card, rates: { input_uncached: '2.25' } })).status,
  ).toBe(201);
  expect(
    (await admin('POST', '/api/admin/prices', { ...card, rates: { input_uncached: '9' }, confirm: true }))
      .status,
  ).toBe(201);
});

test.each([
  ['a negative price', { kind: 'card', provider: 'openai', model: 'm', rates: { input_uncached: '-1' } }],
  ['a float', { kind: 'card', provider: 'openai', model: 'm', rates: { input_uncached: 1.5 } }],
  ['an unknown meter', { kind: 'card', provider: 'openai', model: 'm', rates: { inputs: '1' } }],
  ['an override without terms', { kind: 'override', tenant: 'acme' }],
  ['a discount above 100 %', { kind: 'override', tenant: 'acme', percent: '-101' }],
  [
    'an empty interval',
    {
      kind: 'alias',
      provider: 'openai',
      alias: 'a',
      model: 'b',
      from: '2026-01-02T00:00:00Z',
      to: '2026-01-01T00:00:00Z',
    },
  ],
])('%s is answered with 400', async (_what, body) => {
  expect((await admin('POST', '/api/admin/prices', body)).status).toBe(400);
});

test('an import takes over what differs, shows what needs a yes, and finds models that vanished from its table', async () => {
  const table = (entries: Record<string, unknown>, more = {}) =>
    admin('POST', '/api/admin/prices/import', { format: 'litellm', data: entries, ...more });
  const model = (input: unknown) => ({
    litellm_provider: 'openai',
    input_cost_per_token: input,
    output_cost_per_token: 0.000002,
  });
  const first = await table({ sample_spec: {}, 'lite-a': model(1e-7), 'lite-b': model('0.000001') });
  expect(first.body.data).toMatchObject({ read: 2, doubtful: 0, added: 2, removed: 0 });
  await use('lite', 'lite-a');
  expect((await costOf('lite')).cost_usd).toBe('0.1');
  const entries = { 'lite-a': model(1.2e-7), 'lite-c': model('free'), 'lite-d': model(-1) };
  const dry = await table(entries, { dry_run: true });
  const problems = dry.body.data.changes.map(
    (one: { model: string; problem: string }) => `${one.model} ${one.problem}`,
  );
  expect(problems).toEqual(['lite-c not_a_number', 'lite-d negative', 'lite-b vanished', 'lite-a null']);
  expect((await table(entries)).status).toBe(409);
  expect((await table(entries, { confirm: true })).body.data).toMatchObject({ added: 1, removed: 1 });
  expect((await table(entries, { confirm: true })).body.data).toMatchObject({ added: 0, removed: 0 });
});

test("a tenant's discount is charged, can be taken back, and neither prices nor runs are for tenants' keys", async () => {
  const added = await admin('POST', '/api/admin/prices', {
    kind: 'override',
    tenant: 'globex',
    percent: '-10',
  });
  await use('g-1', 'gpt-4o', 'globex');
  const event = await costOf('g-1', server.globexKey);
  expect(event.pricing).toMatchObject({ cost_usd: '2.25', list_cost_usd: '2.5' });
  expect(event.pricing.cards[0].provenance.table).toBe('tenant-override');
  expect((await admin('DELETE', `/api/admin/prices/override/${added.body.data.id}`)).status).toBe(200);
  expect((await admin('DELETE', `/api/admin/prices/override/${added.body.data.id}`)).status).toBe(404);
  await use('g-2', 'gpt-4o', 'globex');
  expect((await costOf('g-2', server.globexKey)).cost_usd).toBe('2.5');
  for (const url of ['/api/admin/prices', '/api/admin/rerating']) {
    expect((await server.send('GET', url, { key: server.acmeKey })).status).toBe(403);
  }
});

test('re-rating over the API: a dry run first, then the run, then it is over and cannot be cancelled', async () => {
  const finished = async (body: object) => {
    const started = await admin('POST', '/api/admin/rerating', body);
    expect(started.status).toBe(202);
    const url = `/api/admin/rerating/${started.body.data.id}`;
    await eventually(async () => expect((await admin('GET', url)).body.data.status).toBe('done'));
    return (await admin('GET', url)).body.data;
  };
  const which = { model: 'house-1', reason: 'the price was wrong' };
  const dry = await finished(which);
  expect(dry).toMatchObject({ dry_run: true, changed: 1, differences: [{ old_usd: '1.5', new_usd: '9' }] });
  expect((await costOf('wait-1')).cost_usd).toBe('1.5');
  const run = await finished({ ...which, dry_run: false });
  const event = await costOf('wait-1');
  expect(event.cost_usd).toBe('9');
  expect(event.adjustments.at(-1)).toMatchObject({
    old_cost_usd: '1.5',
    new_cost_usd: '9',
    reason: 'rerating: the price was wrong',
  });
  expect((await admin('POST', `/api/admin/rerating/${run.id}/cancel`)).status).toBe(409);
  expect((await admin('GET', '/api/admin/rerating/1')).status).toBe(400);
  expect(await brokenInvariants(server.server.context.db)).toEqual([]);
});
