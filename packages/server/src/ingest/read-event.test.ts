import type { Json } from '@farthing/pricing';
import { describe, expect, it } from 'vitest';
import { makeIdentity } from '../tenants/identity.ts';
import { type ItemContext, readEvent } from './read-event.ts';
import { readResponseItem } from './read-response.ts';

const NOW = Date.UTC(2026, 10, 22, 12);
const context = (overrides: Partial<ItemContext> = {}): ItemContext => ({
  identity: makeIdentity({ keyId: 'key-1', role: 'member', tenantId: 'acme' }),
  door: 'api',
  defaults: {},
  now: NOW,
  ...overrides,
});
const usage = {
  provider: 'openai',
  model: 'gpt-4o',
  usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 },
};
const rejectionOf = (item: Json, overrides: Partial<ItemContext> = {}) => {
  try {
    readEvent(item, context(overrides));
  } catch (error) {
    const { code, path } = error as { code?: string; path?: string | null };
    return `${code} ${path ?? '-'}`;
  }
  return 'accepted';
};

describe('reading an event', () => {
  it('reads a whole response, the usage alone, and our meters to the same quantities', () => {
    const response = {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1_790_000_000,
      model: 'gpt-4o-2024-08-06',
      choices: [],
      usage: usage.usage,
    };
    const whole = readEvent({ provider: 'openai', model: 'gpt-4o', response }, context());
    const alone = readEvent(usage, context());
    const meters = readEvent(
      { provider: 'openai', model: 'gpt-4o', quantities: { input_uncached: 100, output_text: 10 } },
      context(),
    );
    for (const event of [whole, alone, meters]) {
      expect(event.segments[0]?.quantities).toEqual({ input_uncached: 100, output_text: 10 });
      expect(event).toMatchObject({
        tenant: 'acme',
        provider: 'openai',
        operation: 'chat',
        status: 'ok',
        source: 'reported',
      });
    }
    expect(whole).toMatchObject({
      model: 'gpt-4o-2024-08-06',
      requestedModel: 'gpt-4o',
      responseId: 'chatcmpl-1',
    });
    expect(alone.model).toBe('gpt-4o');
  });

  it('takes the stated time, else the response’s creation time, else now', () => {
    const response = {
      object: 'chat.completion',
      created: 1_780_000_000,
      model: 'gpt-4o',
      choices: [],
      usage: usage.usage,
    };
    expect(readEvent({ ...usage, time: '2026-03-29T02:30:00+01:00' }, context()).time).toBe(
      Date.UTC(2026, 2, 29, 1, 30),
    );
    expect(readEvent({ provider: 'openai', response }, context()).time).toBe(1_780_000_000_000);
    expect(
      readEvent({ provider: 'openai', response: { ...response, created: 4_000_000_000 } }, context()).time,
    ).toBe(NOW);
    expect(readEvent(usage, context()).time).toBe(NOW);
  });

  it('gives the workflow the request’s id where none is named', () => {
    expect(readEvent({ ...usage, request_id: 'r1' }, context()).attribution).toMatchObject({
      workflow: 'r1',
      requestId: 'r1',
    });
    expect(readEvent({ ...usage, request_id: 'r1', workflow: 'w1' }, context()).attribution.workflow).toBe(
      'w1',
    );
  });

  it('hashes content, not spelling: the order of keys does not matter', () => {
    const again = {
      usage: { total_tokens: 110, completion_tokens: 10, prompt_tokens: 100 },
      model: 'gpt-4o',
      provider: 'openai',
    };
    expect(readEvent(usage, context()).contentHash).toBe(readEvent(again, context()).contentHash);
    expect(readEvent({ ...usage, agent: 'a' }, context()).contentHash).not.toBe(
      readEvent(usage, context()).contentHash,
    );
  });

  it('takes 12.0 as 12 and fractions only of what is divisible', () => {
    const meters = (quantities: Json) => ({ provider: 'openai', model: 'whisper-1', quantities });
    expect(rejectionOf(meters(JSON.parse('{"input_uncached":12.0,"audio_seconds_in":1.5}')))).toBe(
      'accepted',
    );
    expect(rejectionOf(meters({ input_uncached: 1.5 }))).toBe('invalid_quantity quantities.input_uncached');
    expect(rejectionOf(meters({ input_uncached: -1 }))).toBe('invalid_quantity quantities.input_uncached');
    expect(rejectionOf(meters({ input_uncached: 1e300 }))).toBe('invalid_quantity quantities.input_uncached');
    expect(rejectionOf(meters({ input_uncached: '12' }))).toBe('invalid_quantity quantities.input_uncached');
    expect(rejectionOf(meters({ tokens: 12 }))).toBe('unknown_meter quantities.tokens');
    expect(rejectionOf(meters(JSON.parse('{"__proto__":12}')))).toBe('unknown_meter quantities.__proto__');
    expect(rejectionOf(meters({}))).toBe('invalid_quantity quantities');
    expect(rejectionOf(meters([]))).toBe('invalid_event quantities');
  });

  it('refuses negative and fractional counts in a provider’s usage, in whatever depth', () => {
    const counts = (more: Json) => rejectionOf({ ...usage, usage: { ...usage.usage, ...(more as object) } });
    expect(counts({ prompt_tokens: -1 })).toBe('invalid_quantity usage.prompt_tokens');
    expect(counts({ prompt_tokens: 1.5 })).toBe('invalid_quantity usage.prompt_tokens');
    expect(counts({ prompt_tokens: 'many' })).toBe('invalid_quantity usage.prompt_tokens');
    for (const none of [[], {}, true, [12], { count: 12 }, '']) {
      expect(counts({ prompt_tokens: none, completion_tokens: 1 })).toBe(
        'invalid_quantity usage.prompt_tokens',
      );
    }
    expect(counts({ prompt_tokens_details: { cached_tokens: -3 } })).toBe(
      'invalid_quantity usage.prompt_tokens_details.cached_tokens',
    );
    expect(counts({ prompt_tokens: 12.0, prompt_tokens_details: null })).toBe('accepted');
    const response = {
      object: 'chat.completion',
      model: 'gpt-4o',
      choices: [],
      usage: { prompt_tokens: -1, completion_tokens: 1 },
    };
    expect(rejectionOf({ provider: 'openai', response })).toBe(
      'invalid_quantity response.usage.prompt_tokens',
    );
  });

  it.each<[string, Json, string]>([
    ['a number', 7, 'invalid_event -'],
    ['null', null, 'invalid_event -'],
    ['an unknown field', { ...usage, modle: 'x' }, 'invalid_event modle'],
    [
      'a polluting field',
      JSON.parse('{"__proto__":{"admin":true},"provider":"openai","model":"m","usage":{}}'),
      'invalid_event __proto__',
    ],
    [
      'a polluting key in metadata',
      { ...usage, metadata: JSON.parse('{"a":{"__proto__":1}}') },
      'invalid_event metadata.a',
    ],
    ['a wrong type', { ...usage, agent: 7 }, 'invalid_event agent'],
    ['a tag that is no text', { ...usage, tags: { team: 7 } }, 'invalid_event tags.team'],
    [
      'too many tags',
      { ...usage, tags: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`t${i}`, ''])) },
      'invalid_event tags',
    ],
    ['endless metadata', { ...usage, metadata: { text: 'x'.repeat(20_000) } }, 'invalid_event metadata'],
    ['a NUL in a tag', { ...usage, tags: { team: 'a\u0000b' } }, 'invalid_event tags.team'],
    ['half a character in metadata', { ...usage, metadata: { a: '\ud800' } }, 'invalid_event metadata.a'],
    ['a control character in a name', { ...usage, agent: 'a\nb' }, 'invalid_event agent'],
    ['an endless id', { ...usage, id: 'x'.repeat(257) }, 'invalid_event id'],
    ['a time that is none', { ...usage, time: 'yesterday' }, 'invalid_event time'],
    ['a time without zone', { ...usage, time: '2026-01-01T00:00:00' }, 'invalid_event time'],
    ['a time a year ahead', { ...usage, time: '2027-11-22T12:00:00Z' }, 'time_out_of_range time'],
    ['a time before the ledger', { ...usage, time: '2019-12-31T23:59:59Z' }, 'time_out_of_range time'],
    ['a negative latency', { ...usage, latency_ms: -1 }, 'invalid_event latency_ms'],
    ['an unknown operation', { ...usage, operation: 'dance' }, 'invalid_event operation'],
    ['an unknown provider', { ...usage, provider: 'acme-ai' }, 'unknown_provider provider'],
    ['usage without a model', { provider: 'openai', usage: usage.usage }, 'invalid_event model'],
    [
      'usage of no known form',
      { provider: 'openai', model: 'm', usage: { apples: 3 } },
      'unrecognised_body usage',
    ],
    ['nothing to price', { provider: 'openai', model: 'm' }, 'invalid_event -'],
    ['two things to price', { ...usage, quantities: { input_uncached: 1 } }, 'invalid_event -'],
    ['another tenant', { ...usage, tenant: 'globex' }, 'tenant_not_allowed tenant'],
  ])('rejects %s with code and path', (_name, item, expected) => {
    expect(rejectionOf(item)).toBe(expected);
  });

  it('binds a key to its project', () => {
    const identity = makeIdentity({
      keyId: 'k',
      role: 'member',
      tenantId: 'acme',
      bound: { project: 'web' },
    });
    expect(readEvent(usage, context({ identity })).attribution.project).toBe('web');
    expect(rejectionOf({ ...usage, project: 'other' }, { identity })).toBe('invalid_event project');
  });

  it('lets an admin key name a tenant, the default one where it names none', () => {
    const identity = makeIdentity({ keyId: 'k', role: 'admin', tenantId: null });
    expect(readEvent({ ...usage, tenant: 'globex' }, context({ identity })).tenant).toBe('globex');
    expect(readEvent(usage, context({ identity })).tenant).toBe('default');
  });

  it('calls the counts of an aborted call partial', () => {
    expect(readEvent({ ...usage, status: 'aborted' }, context()).source).toBe('partial');
  });
});

describe('reading a line of recorded responses', () => {
  it('reads bodies and streams, ignoring fields it does not know', () => {
    const line = {
      id: 'rec/1',
      provider: 'openai',
      surface: 'chat',
      format: 'sse',
      stream: `data: ${JSON.stringify({ object: 'chat.completion.chunk', model: 'gpt-4o', created: 1_780_000_000, choices: [], usage: usage.usage })}\n\ndata: [DONE]\n\n`,
      expect: { anything: true },
    };
    const event = readResponseItem(line, context({ door: 'import', defaults: { agent: 'batch' } }));
    expect(event).toMatchObject({
      id: 'rec/1',
      door: 'import',
      model: 'gpt-4o',
      time: 1_780_000_000_000,
      source: 'reported',
    });
    expect(event.attribution.agent).toBe('batch');
  });

  it('refuses a line whose own time is out of range', () => {
    const line = {
      id: 'rec/1',
      provider: 'openai',
      format: 'json',
      at: '2031-01-01T00:00:00Z',
      body: { object: 'chat.completion', model: 'gpt-4o', usage: usage.usage },
    };
    expect(() => readResponseItem(line, context())).toThrow(/between 2020/);
  });
});
