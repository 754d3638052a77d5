import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../../../../tests/server/test-server.ts';

let test: TestServer;
beforeAll(async () => {
  test = await startTestServer({
    FARTHING_BODY_LIMIT_BYTES: '2000000',
    FARTHING_INFLATED_LIMIT_BYTES: '4000000',
  });
});
afterAll(() => test.stop());

const URL = '/api/usage/events';
const event = (id: string, more: object = {}) => ({
  id,
  provider: 'openai',
  model: 'gpt-4o',
  time: '2026-11-01T12:00:00Z',
  usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 },
  ...more,
});
const stored = async (tenant: string): Promise<string[]> =>
  (
    await test.server.context.db.asReader(tenant, (tx) =>
      tx.query<{ id: string }>('select id from usage_events order by id'),
    )
  ).rows.map((row) => row.id);

describe('POST /api/usage/events', () => {
  it('keeps the good items of a batch and answers each in its place', async () => {
    const { status, body } = await test.send('POST', URL, {
      key: test.acmeKey,
      body: [
        event('m1'),
        7,
        event('m2', { tenant: 'globex' }),
        event('m3', { model: 'no-such-model' }),
        event('m1'),
        event('m1', { agent: 'other' }),
      ],
    });
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ accepted: 2, rejected: 2, duplicates: 1, conflicts: 1 });
    expect(body.data.results).toMatchObject([
      { status: 'accepted', id: 'm1', cost_usd: '0.00035' },
      { status: 'rejected', id: null, error: { code: 'invalid_event' } },
      { status: 'rejected', id: 'm2', error: { code: 'tenant_not_allowed', path: 'tenant' } },
      { status: 'accepted', id: 'm3', cost_usd: null },
      { status: 'duplicate', id: 'm1', cost_usd: '0.00035' },
      { status: 'conflict', id: 'm1', error: { code: 'event_conflict' } },
    ]);
    expect(body.data.results[3].unpriced).toEqual(['input_uncached', 'output_text']);
    expect(await stored('acme')).toEqual(['m1', 'm3']);
    expect(await stored('globex')).toEqual([]);
  });

  it('answers a retry as a duplicate with the same cost', async () => {
    const first = await test.send('POST', URL, { body: event('retry') });
    const again = await test.send('POST', URL, { body: event('retry') });
    expect(first.body.data.results[0]).toMatchObject({ status: 'accepted', cost_usd: '0.00035' });
    expect(again.body.data.results[0]).toMatchObject({ status: 'duplicate', cost_usd: '0.00035' });
  });

  it('answers a single bad event with its own error', async () => {
    const { status, body } = await test.send('POST', URL, {
      body: event('x', { usage: { prompt_tokens: -1, completion_tokens: 1 } }),
    });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({
      code: 'invalid_quantity',
      details: [{ path: 'usage.prompt_tokens', message: body.error?.message }],
    });
    const foreign = await test.send('POST', URL, {
      key: test.acmeKey,
      body: event('x', { tenant: 'globex' }),
    });
    expect([foreign.status, foreign.body.error?.code]).toEqual([403, 'tenant_not_allowed']);
    const unknown = await test.send('POST', URL, { body: event('x', { tenant: 'nobody' }) });
    expect([unknown.status, unknown.body.error?.code]).toEqual([400, 'unknown_tenant']);
  });

  it('takes NDJSON, plain or gzipped, under any usual label', async () => {
    const lines = (prefix: string) => [1, 2, 3].map((n) => JSON.stringify(event(`${prefix}${n}`))).join('\n');
    const plain = await test.send('POST', URL, {
      body: `${lines('n')}\nbroken`,
      headers: { 'content-type': 'application/x-ndjson' },
    });
    expect(plain.body.data).toMatchObject({ accepted: 3, rejected: 1 });
    const packed = await test.send('POST', URL, {
      body: gzipSync(lines('g')),
      headers: { 'content-type': 'text/plain', 'content-encoding': 'gzip' },
    });
    expect(packed.body.data).toMatchObject({ accepted: 3 });
    const form = await test.send('POST', URL, {
      body: JSON.stringify(event('f1')),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(form.body.data).toMatchObject({ accepted: 1 });
  });

  it('takes lines of recorded responses, once, as imports', async () => {
    const line = {
      id: 'rec/1',
      provider: 'anthropic',
      format: 'json',
      body: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'claude-sonnet-4-5',
        content: [],
        usage: { input_tokens: 10, output_tokens: 5 },
      },
    };
    const url = `${URL}?format=responses&agent=importer`;
    const first = await test.send('POST', url, {
      key: test.acmeKey,
      body: [line, { id: 'rec/2', provider: 'anthropic', body: 7 }],
    });
    expect(first.body.data).toMatchObject({ accepted: 1, rejected: 1 });
    expect(first.body.data.results[0].cost_usd).toBe('0.000105');
    const again = await test.send('POST', url, { key: test.acmeKey, body: [line] });
    expect(again.body.data).toMatchObject({ duplicates: 1 });
    const { rows } = await test.server.context.db.asReader('acme', (tx) =>
      tx.query('select door, agent, api_key_id is not null as keyed from usage_events where id = $1', [
        'rec/1',
      ]),
    );
    expect(rows).toEqual([{ door: 'import', agent: 'importer', keyed: true }]);
  });

  it.each<
    [string, { body?: string | Buffer; headers?: Record<string, string>; url?: string }, number, string]
  >([
    ['no body', {}, 400, 'invalid_json'],
    ['an empty body', { body: '' }, 400, 'invalid_json'],
    ['malformed JSON', { body: '{"provider":' }, 400, 'invalid_json'],
    ['endless nesting', { body: '['.repeat(1_000_000) }, 400, 'invalid_json'],
    ['a body over the bound', { body: 'x'.repeat(2_000_001) }, 413, 'body_too_large'],
    [
      'a gzip bomb',
      { body: gzipSync(Buffer.alloc(100_000_000)), headers: { 'content-encoding': 'gzip' } },
      413,
      'body_too_large',
    ],
    ['broken gzip', { body: 'hello', headers: { 'content-encoding': 'gzip' } }, 400, 'bad_request'],
    [
      'two encodings',
      { body: 'hello', headers: { 'content-encoding': 'gzip, gzip' } },
      415,
      'unsupported_media_type',
    ],
    [
      'another encoding',
      { body: 'hello', headers: { 'content-encoding': 'br' } },
      415,
      'unsupported_media_type',
    ],
    ['an unknown parameter', { body: '{}', url: `${URL}?formt=events` }, 400, 'unknown_parameter'],
    ['a bad parameter', { body: '{}', url: `${URL}?format=xml` }, 400, 'invalid_parameter'],
    ['too many events', { body: `[${'{},'.repeat(10_000)}{}]` }, 413, 'too_many_items'],
  ])('refuses %s as a whole with a clear answer', async (_name, { url = URL, ...options }, status, code) => {
    const answer = await test.send('POST', url, options);
    expect([answer.status, answer.body.error?.code]).toEqual([status, code]);
    expect(answer.body.error?.request_id).toBe(answer.headers['x-request-id']);
  });

  it('never lets hostile keys reach a prototype', async () => {
    const hostile =
      '[{"__proto__":{"polluted":1}},{"constructor":{"prototype":{"polluted":1}}},{"id":"p","metadata":{"__proto__":{"polluted":1}}}]';
    const { body } = await test.send('POST', URL, { body: hostile });
    expect(body.data.rejected).toBe(3);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('never writes a secret that came with a request to the log', async () => {
    const canary = 'sk-canary-Zm9vYmFyYmF6cXV4';
    await test.send('POST', URL, {
      body: event('secret', { metadata: { key: canary }, agent: canary, response: undefined }),
      headers: { 'x-api-key': canary, cookie: `session=${canary}` },
    });
    await test.send('POST', URL, { key: canary, body: `{"a": ${canary}}` });
    await test.send('GET', `/nowhere/${canary}?key=${canary}`, {});
    const text = test.lines.join('');
    expect(text).toContain('usage recorded');
    expect(text).not.toContain('canary');
    expect(text).not.toContain(test.adminKey);
    expect(text).not.toContain(test.acmeKey);
  });

  it('logs one line per recorded call', async () => {
    test.lines.length = 0;
    await test.send('POST', URL, {
      key: test.acmeKey,
      body: event('logged', { agent: 'scorer', workflow: 'w9' }),
    });
    const lines = test.lines.map((line) => JSON.parse(line)).filter((line) => line.msg === 'usage recorded');
    expect(lines).toMatchObject([
      {
        tenant: 'acme',
        id: 'logged',
        provider: 'openai',
        model: 'gpt-4o',
        agent: 'scorer',
        workflow: 'w9',
        input_tokens: 100,
        output_tokens: 10,
        cost_usd: '0.00035',
      },
    ]);
  });
});

describe('with FF_COST_TRACKING=false', () => {
  it('checks events and keeps none', async () => {
    const off = await startTestServer({ FF_COST_TRACKING: 'false' });
    try {
      const { body } = await off.send('POST', URL, { body: [event('off'), {}] });
      expect(body.data).toMatchObject({
        disabled: 1,
        rejected: 1,
        results: [{ status: 'disabled', id: 'off' }, {}],
      });
      const { rows } = await off.server.context.db.asOperator((tx) =>
        tx.query('select id from usage_events'),
      );
      expect(rows).toEqual([]);
    } finally {
      await off.stop();
    }
  });
});
