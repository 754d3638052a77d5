import { describe, expect, it } from 'vitest';
import { RequestBody } from './request-body.ts';

const KEYS = new Set(['model', 'stream', 'stream_options', 'a.b', 'limits']);
const read = (text: string) => RequestBody.read(Buffer.from(text), KEYS);
const textOf = (body: RequestBody) => body.bytes.toString('utf8');

describe('a body that is changed', () => {
  it('keeps every byte but those of the member', async () => {
    const body = await read('{ "seed":12345678901234567890, "model" : "a", "x":[1e400] }');
    expect(textOf(body.with('model', '"another"'))).toBe(
      '{ "seed":12345678901234567890, "model" : "another", "x":[1e400] }',
    );
  });

  it('is read and changed again where its members then stand', async () => {
    const body = await read('{"model":"a","stream":true,"limits":{"most":7}}');
    const changed = body
      .with('stream_options', '{"include_usage":true}')
      .with('model', '"longer than before"');
    expect(textOf(changed)).toBe(
      '{"stream_options":{"include_usage":true},"model":"longer than before","stream":true,"limits":{"most":7}}',
    );
    expect(changed.value('model')).toBe('longer than before');
    expect(changed.at('stream_options.include_usage')).toBe(true);
    expect(changed.at('limits.most')).toBe(7);
    expect(textOf(changed.with('stream', 'false').with('model', '"b"'))).toBe(
      '{"stream_options":{"include_usage":true},"model":"b","stream":false,"limits":{"most":7}}',
    );
  });

  it.each(['{}', '{ \n}', '\ufeff{}'])('takes a first member: %j', async (text) => {
    expect(JSON.parse(textOf((await read(text)).with('stream', 'true')).replace('\ufeff', ''))).toEqual({
      stream: true,
    });
  });

  it('is none where it is no object', async () => {
    const body = await read('[1]');
    expect(body.isObject).toBe(false);
    expect(() => body.with('stream', 'true')).toThrow('Only a JSON object');
  });
});
