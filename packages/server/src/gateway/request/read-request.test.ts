import { formOf, matchPath } from '@farthing/pricing/extract';
import { describe, expect, it } from 'vitest';
import { readRequest } from './read-request.ts';

const read = (text: string, provider = 'openai', path = '/v1/chat/completions') => {
  const form = formOf(provider);
  const match = form === null ? null : matchPath(form, path);
  if (match === null) throw new Error(`${provider} has no ${path}`);
  return readRequest(Buffer.from(text), match);
};

describe('a request of any size and depth', () => {
  const around = (rest: string) => `{"model":"m","x":${rest},"stream":true}`;

  it.each([
    ['lists in lists', around('['.repeat(4_000_000) + ']'.repeat(4_000_000))],
    ['objects without end', around(`[${'{},'.repeat(2_000_000)}{}]`)],
    ['a long text', around(JSON.stringify('\\"'.repeat(2_000_000)))],
    ['blanks', around(`${' '.repeat(8_000_000)}1`)],
  ])('is read for its model and lets others have their turn: %s', async (_name, text) => {
    let turns = 0;
    const count = setInterval(() => (turns += 1), 0);
    const request = await read(text);
    clearInterval(count);
    expect(request).toMatchObject({ model: 'm', streams: true });
    expect(request.body.bytes.length).toBe(text.length);
    expect(turns).toBeGreaterThan(2);
  });

  it('that is never closed is passed on as it is', async () => {
    const text = `{"model":"m","stream":true,"x":${'['.repeat(1_000_000)}`;
    const request = await read(text);
    expect(request).toMatchObject({ model: null, streams: false });
    expect(request.body.bytes.toString()).toBe(text);
  });

  it.each([
    ['m'.repeat(257), 'is longer than 256 characters'],
    ['m'.repeat(4_000_000), 'is too long'],
    [String.raw`a\u0000b`, 'holds a NUL or half a surrogate pair'],
    [String.raw`a\ud800`, 'holds a NUL or half a surrogate pair'],
  ])('keeps no model name that no ledger can hold', async (name, why) => {
    const request = await read(`{"model":"${name}","service_tier":"flex"}`);
    expect(request).toMatchObject({ model: null, settings: { service_tier: 'flex' } });
    expect(request.anomalies).toMatchObject([
      { code: 'unusable_name', message: expect.stringContaining(why) },
    ]);
  });
});

describe('a request whose path says more than its body', () => {
  const gemini = '/v1beta/models/gemini-2.5-flash:streamGenerateContent';

  it('has the model and the stream of the path', async () => {
    const request = await read('{"model":"another","stream":false,"contents":[]}', 'google', gemini);
    expect(request).toMatchObject({ model: 'gemini-2.5-flash', streams: true, anomalies: [] });
  });

  it('has them also where its body is none that can be read', async () => {
    expect(await read('{', 'google', gemini)).toMatchObject({ model: 'gemini-2.5-flash', streams: true });
  });

  it('goes by the body where that names a model and the path a deployment', async () => {
    const path = '/openai/deployments/ours/chat/completions';
    expect(await read('{"model":"gpt-5-mini"}', 'azure', path)).toMatchObject({ model: 'gpt-5-mini' });
    expect(await read('{"messages":[]}', 'azure', path)).toMatchObject({ model: 'ours' });
  });
});
