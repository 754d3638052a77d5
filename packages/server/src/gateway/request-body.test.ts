import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRequestBody } from './request-body.ts';

const sent = (text: string) => readRequestBody(Buffer.from(text), true).body.toString('utf8');

describe('asking for stream usage', () => {
  it('inserts one member and leaves every other byte', () => {
    expect(sent('{ "model":"m","stream":true, "seed":12345678901234567890 }')).toBe(
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
  ])('rewrites only the options where they are %s', (given, wanted) => {
    const around = (options: string) =>
      `{"stream":true, "n":1e400, "stream_options" : ${options} ,"m":"}\\""}`;
    expect(sent(around(given))).toBe(around(wanted));
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
  ])('leaves %j as it is', (text) => {
    const read = readRequestBody(Buffer.from(text), true);
    expect(read.body.toString()).toBe(text);
    expect(read.usageAdded).toBe(false);
  });

  it('rewrites the member that counts where the options are doubled or spelled with escapes', () => {
    const text = '{"stream":true,"stream_options":1,"a":{"stream_options":2},"stream\\u005foptions":null}';
    expect(sent(text)).toBe(text.replace('null', '{"include_usage":true}'));
  });

  it('reads a body behind a byte order mark and keeps the mark', () => {
    const read = readRequestBody(Buffer.from('\ufeff{"model":"m","stream":true}'), true);
    expect(read).toMatchObject({ model: 'm', streams: true, usageAdded: true });
    expect(read.body.toString()).toBe(
      '\ufeff{"stream_options":{"include_usage":true},"model":"m","stream":true}',
    );
  });

  it('means the same request but for the usage, whatever else stands in it', () => {
    const member = fc.tuple(fc.string({ unit: 'binary' }), fc.jsonValue());
    const options = fc.option(fc.dictionary(fc.string(), fc.jsonValue()), { nil: null });
    fc.assert(
      fc.property(fc.array(member), fc.option(options, { nil: undefined }), (members, stream_options) => {
        const request = {
          ...Object.fromEntries(members.filter(([key]) => !key.startsWith('stream') && key !== '__proto__')),
          stream: true,
          ...(stream_options === undefined ? {} : { stream_options }),
        };
        const plain = JSON.parse(JSON.stringify(request));
        expect(JSON.parse(sent(JSON.stringify(request, null, 2)))).toEqual({
          ...plain,
          stream_options: { ...plain.stream_options, include_usage: true },
        });
      }),
    );
  });
});
