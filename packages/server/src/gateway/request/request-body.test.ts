import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRequestBody } from './request-body.ts';

const sent = async (text: string) => (await readRequestBody(Buffer.from(text), true)).body.toString('utf8');

describe('asking for stream usage', () => {
  it('inserts one member and leaves every other byte', async () => {
    expect(await sent('{ "model":"m","stream":true, "seed":12345678901234567890 }')).toBe(
      '{"stream_options":{"include_usage":true}, "model":"m","stream":true, "seed":12345678901234567890 }',
    );
  });

  it.each([
    ['null', '{"include_usage":true}'],
    ['{}', '{"include_usage":true}'],
    [
      '{"include_usage":false,"include_obfuscation":false}',
      '{"include_usage":true,"include_obfuscation":false}',
    ],
  ])('rewrites only the options where they are %s', async (given, wanted) => {
    const around = (options: string) =>
      `{"stream":true, "n":1e400, "stream_options" : ${options} ,"m":"}\\""}`;
    expect(await sent(around(given))).toBe(around(wanted));
  });

  it.each([
    '{"stream":true,"stream_options":{"include_usage":true}}',
    '{"stream":true,"stream_options":"yes"}',
    '{"stream":true,"stream_options":[]}',
    '{"stream":false}',
    '{"stream":"true"}',
    '[{"stream":true}]',
    '{"stream":true',
    '',
  ])('leaves %j as it is', async (text) => {
    const read = await readRequestBody(Buffer.from(text), true);
    expect(read.body.toString()).toBe(text);
    expect(read.usageAdded).toBe(false);
  });

  it('rewrites the member that counts where the options are doubled or spelled with escapes', async () => {
    const text = '{"stream":true,"stream_options":1,"a":{"stream_options":2},"stream\\u005foptions":null}';
    expect(await sent(text)).toBe(text.replace('null', '{"include_usage":true}'));
  });

  it('reads a body behind a byte order mark and keeps the mark', async () => {
    const read = await readRequestBody(Buffer.from('\ufeff{"model":"m","stream":true}'), true);
    expect(read).toMatchObject({ model: 'm', streams: true, usageAdded: true });
    expect(read.body.toString()).toBe(
      '\ufeff{"stream_options":{"include_usage":true},"model":"m","stream":true}',
    );
  });

  it('means the same request but for the usage, whatever else stands in it', async () => {
    const member = fc.tuple(fc.string({ unit: 'binary' }), fc.jsonValue());
    const options = fc.option(fc.dictionary(fc.string(), fc.jsonValue()), { nil: null });
    await fc.assert(
      fc.asyncProperty(
        fc.array(member),
        fc.option(options, { nil: undefined }),
        async (members, stream_options) => {
          const request = {
            ...Object.fromEntries(
              members.filter(([key]) => !key.startsWith('stream') && key !== '__proto__'),
            ),
            stream: true,
            ...(stream_options === undefined ? {} : { stream_options }),
          };
          const plain = JSON.parse(JSON.stringify(request));
          expect(JSON.parse(await sent(JSON.stringify(request, null, 2)))).toEqual({
            ...plain,
            stream_options: { ...plain.stream_options, include_usage: true },
          });
        },
      ),
    );
  });
});

describe('a request of any size and depth', () => {
  const read = (text: string) => readRequestBody(Buffer.from(text), true);
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
    expect(request).toMatchObject({ model: 'm', streams: true, usageAdded: true });
    expect(request.body.length).toBe(text.length + '"stream_options":{"include_usage":true},'.length);
    expect(turns).toBeGreaterThan(2);
  });

  it('that is never closed is passed on as it is', async () => {
    const text = `{"model":"m","stream":true,"x":${'['.repeat(1_000_000)}`;
    const request = await read(text);
    expect(request).toMatchObject({ model: null, streams: false, usageAdded: false });
    expect(request.body.toString()).toBe(text);
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
