import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, digits, startApiServer, type Who } from './api-server.ts';

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

const estimate = (body: unknown, who: Who = 'acme') => api.send(who, 'POST', '/api/cost/estimate', body);

describe('POST /api/cost/estimate', () => {
  it('compares models for one usage, at every volume, to the last digit', async () => {
    const { status, body, text } = await estimate({
      models: [{ model: 'gpt-4o-mini' }, { provider: 'openai', model: 'gpt-4o' }],
      usage: { input_tokens: 1000, output_tokens: 250, cache_read_tokens: 400 },
      calls: [1, 1000, 3_000_000],
    });
    expect(status).toBe(200);
    // 600 × 0.15 + 400 × 0.075 + 250 × 0.60 and 600 × 2.50 + 400 × 1.25 + 250 × 10, per million
    expect(
      body.data.models.map(({ model, cost_usd, volumes }: Record<string, unknown>) => [
        model,
        cost_usd,
        volumes,
      ]),
    ).toEqual([
      [
        'gpt-4o-mini',
        0.00027,
        [
          { calls: 1, cost_usd: 0.00027 },
          { calls: 1000, cost_usd: 0.27 },
          { calls: 3_000_000, cost_usd: 810 },
        ],
      ],
      [
        'gpt-4o',
        0.0045,
        [
          { calls: 1, cost_usd: 0.0045 },
          { calls: 1000, cost_usd: 4.5 },
          { calls: 3_000_000, cost_usd: 13_500 },
        ],
      ],
    ]);
    expect(body.data.total.cost_usd).toBe(0.00477);
    expect(digits(text, 'cost_usd')).toBe('0.00027');
    expect(body.data.models[0].lines).toMatchObject([
      { meter: 'input_uncached', quantity: 600, rate_usd: 0.15, per: 1_000_000, cost_usd: 0.00009 },
      { meter: 'input_cache_read', quantity: 400, rate_usd: 0.075, cost_usd: 0.00003 },
      { meter: 'output_text', quantity: 250, rate_usd: 0.6, cost_usd: 0.00015 },
    ]);
  });

  it('adds up what one unit of work calls: a simple and a complex signal, and a month of both', async () => {
    const extraction = { model: 'gpt-4o-mini', usage: { input_tokens: 1300, output_tokens: 250 } };
    const summary = { model: 'gpt-4o', usage: { input_tokens: 442, output_tokens: 100 } };
    const embedding = { model: 'text-embedding-3-small', usage: { input_tokens: 500 } };
    const secondPass = { model: 'gpt-4o', usage: { input_tokens: 1112, output_tokens: 200 } };
    const simple = await estimate({ models: [extraction, summary, embedding] });
    expect(simple.body.data.models.map(({ cost_usd }: { cost_usd: number }) => cost_usd)).toEqual([
      0.000345, 0.002105, 0.00001,
    ]);
    expect(simple.body.data.total.cost_usd).toBe(0.00246); // about $0.0025
    const complex = await estimate({ models: [extraction, secondPass, summary, embedding] });
    expect(complex.body.data.models[1].cost_usd).toBe(0.00478); // about $0.0048
    expect(complex.body.data.total.cost_usd).toBe(0.00724); // about $0.0072
    const half = await estimate({
      models: [extraction, { ...secondPass, times: 0.5 }, summary, embedding],
      calls: [1000, 10_000, 100_000, 1_000_000],
    });
    expect(half.body.data.total).toEqual({
      cost_usd: 0.00485,
      volumes: [
        { calls: 1000, cost_usd: 4.85 },
        { calls: 10_000, cost_usd: 48.5 },
        { calls: 100_000, cost_usd: 485 },
        { calls: 1_000_000, cost_usd: 4850 },
      ],
    });
  });

  it('answers the example of the documentation', async () => {
    const page = await readFile(new URL('../../docs/api.md', import.meta.url), 'utf8');
    const [, example = ''] = /## `POST \/api\/cost\/estimate`.*?```json\n(.*?)```/s.exec(page) ?? [];
    const { status, body } = await estimate(JSON.parse(example));
    expect(status).toBe(200);
    // 0.000345 + 0.00478 ÷ 2 + 0.00001
    expect(body.data.total).toEqual({
      cost_usd: 0.002745,
      volumes: [
        { calls: 1000, cost_usd: 2.745 },
        { calls: 1_000_000, cost_usd: 2745 },
      ],
    });
  });

  it('rounds an amount once, after the volume', async () => {
    const { text } = await estimate({
      models: [{ model: 'round', provider: 'openai', quantities: { input_uncached: 1 }, times: '0.333333' }],
      calls: [3, 1_000_000],
    });
    // A token is a micro-dollar: a million picodollars, a third of one call 333,333 of them.
    expect(text.slice(text.indexOf('"total"'))).toContain(
      '"total":{"cost_usd":0.000000333333,"volumes":[{"calls":3,"cost_usd":0.000000999999},{"calls":1000000,"cost_usd":0.333333}]}',
    );
  });

  it('says why something has no price, and never takes it for zero', async () => {
    const { status, body } = await estimate({
      models: [
        { model: 'nobody-sells-this', provider: 'openai' },
        { model: 'nobody-knows-this-name' },
        { model: 'x', provider: 'no-such-provider' },
        { model: 'gpt-4o', quantities: { input_uncached: 5, pages: 2 } },
        { model: 'gpt-4o' },
      ],
      usage: { input_tokens: 10 },
      calls: [100],
    });
    expect(status).toBe(200);
    expect(
      body.data.models.map(({ cost_usd, unpriced }: Record<string, unknown>) => [cost_usd, unpriced]),
    ).toEqual([
      [null, [{ reason: 'unknown_model', message: 'the price book does not have this model' }]],
      [
        null,
        [{ reason: 'unknown_provider', message: 'no provider is known for it: name one in "provider"' }],
      ],
      [null, [{ reason: 'unknown_provider', message: 'provider "no-such-provider" is not known' }]],
      [null, [{ reason: 'no_rate', message: 'the model has no price for pages' }]],
      [0.000025, []],
    ]);
    expect(body.data.total).toEqual({ cost_usd: null, volumes: [{ calls: 100, cost_usd: null }] });
  });

  it('asks the prices of the tenant, and of the time', async () => {
    const asked = { models: [{ model: 'gpt-4o' }], usage: { input_tokens: 1_000_000 } };
    const costs = async () => {
      const [acme, globex, list] = await Promise.all([
        estimate(asked),
        estimate(asked, 'globex'),
        estimate(asked, 'admin'),
      ]);
      return [acme, globex, list].map(({ body }) => body.data.total.cost_usd);
    };
    expect(await costs()).toEqual([2.5, 2.5, 2.5]);
    await api.send('admin', 'POST', '/api/admin/prices', {
      kind: 'override',
      tenant: 'acme',
      percent: '-20',
    });
    expect(await costs()).toEqual([2, 2.5, 2.5]);
    expect((await estimate({ ...asked, tenant: 'acme' }, 'admin')).body.data.total.cost_usd).toBe(2);
    const o3 = { ...asked, models: [{ model: 'o3' }] };
    expect((await estimate({ ...o3, at: '2025-06-01T00:00:00Z' }, 'globex')).body.data.total.cost_usd).toBe(
      10,
    );
    expect((await estimate(o3, 'globex')).body.data.total.cost_usd).toBe(2);
    const batch = await estimate({ ...asked, tier: 'batch' }, 'globex');
    expect(batch.body.data.total.cost_usd).toBe(1.25);
  });

  it.each([
    [{}],
    [{ models: [] }],
    [{ models: [{ model: 'gpt-4o' }] }],
    [{ models: [{ model: 'gpt-4o' }], usage: {}, quantities: {} }],
    [{ models: [{ model: 'gpt-4o', usage: {}, quantities: {} }] }],
    [{ models: [{ model: 'gpt-4o' }], usage: { input_tokens: -1 } }],
    [{ models: [{ model: 'gpt-4o' }], usage: { input_tokens: 1.5 } }],
    [{ models: [{ model: 'gpt-4o' }], usage: { input_tokens: 10, cache_read_tokens: 11 } }],
    [{ models: [{ model: 'gpt-4o' }], usage: { tokens: 10 } }],
    [{ models: [{ model: 'gpt-4o' }], quantities: { tokens: 10 } }],
    [{ models: [{ model: 'gpt-4o', times: 0 }], usage: {} }],
    [{ models: [{ model: 'gpt-4o', times: '1e9' }], usage: {} }],
    [{ models: [{ model: 'gpt-4o' }], usage: {}, calls: [0] }],
    [{ models: [{ model: 'gpt-4o' }], usage: {}, calls: Array(21).fill(1) }],
    [{ models: Array(51).fill({ model: 'gpt-4o' }), usage: {} }],
    [{ models: [{ model: 'gpt-4o' }], usage: {}, tier: 'free' }],
    [{ models: [{ model: 'gpt-4o' }], usage: {}, at: 'soon' }],
  ])('refuses %j', async (body) => {
    const answer = await estimate(body);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_body']);
  });

  it('is refused for another tenant', async () => {
    const asked = { models: [{ model: 'gpt-4o' }], usage: { input_tokens: 1 }, tenant: 'globex' };
    expect((await estimate(asked)).status).toBe(403);
    expect((await estimate({ ...asked, tenant: 'nobody' }, 'admin')).body.error.code).toBe('unknown_tenant');
    expect((await estimate(asked, 'acme-ingest')).status).toBe(403);
  });
});
