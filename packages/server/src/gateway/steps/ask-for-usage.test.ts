import { formOf, matchPath } from '@farthing/pricing/extract';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Call } from '../call.ts';
import { type ReadRequest, readRequest } from '../request/read-request.ts';
import { askForUsage } from './ask-for-usage.ts';

/** The request of a chat call behind this step. */
async function asked(text: string): Promise<ReadRequest> {
  const form = formOf('openai');
  const match = form === null ? null : matchPath(form, '/v1/chat/completions');
  if (match === null) throw new Error('OpenAI has no chat');
  const call = { recorded: { match }, request: await readRequest(Buffer.from(text), match) };
  const after = await askForUsage({ askStreamUsage: true }).run(call as unknown as Call);
  if (after?.request === null || after?.request === undefined) throw new Error('the request is gone');
  return after.request;
}

const sent = async (text: string) => (await asked(text)).body.bytes.toString('utf8');

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
    const read = await asked(text);
    expect(read.body.bytes.toString()).toBe(text);
    expect(read.usageAdded).toBe(false);
  });

  it('rewrites the member that counts where the options are doubled or spelled with escapes', async () => {
    const text = '{"stream":true,"stream_options":1,"a":{"stream_options":2},"stream\\u005foptions":null}';
    expect(await sent(text)).toBe(text.replace('null', '{"include_usage":true}'));
  });

  it('reads a body behind a byte order mark and keeps the mark', async () => {
    const read = await asked('\ufeff{"model":"m","stream":true}');
    expect(read).toMatchObject({ model: 'm', streams: true, usageAdded: true });
    expect(read.body.bytes.toString()).toBe(
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
