/** Strict: no client has a whole answer before its event is durable. Relaxed: no client waits. */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { GatewaySettings } from '../../packages/server/src/gateway/settings.ts';
import { OverloadedError } from '../../packages/server/src/record/overloaded-error.ts';
import { FARTHING_KEY, startGatewayUnderTest } from './gateway-under-test.ts';
import { connect, post, readAnswer } from './raw-http.ts';

const KEY = `x-farthing-key: ${FARTHING_KEY}`;
const messages = [{ role: 'user', content: 'What is a farthing?' }];

/** How each kind of answer tells its reader that it is whole. */
const KINDS: readonly [string, string, unknown, string][] = [
  ['JSON', '/openai/v1/chat/completions', { model: 'gpt-5-mini', messages }, '"usage"'],
  ['embeddings', '/openai/v1/embeddings', { model: 'text-embedding-3-small', input: 'x' }, '"usage"'],
  [
    'a chat stream',
    '/openai/v1/chat/completions',
    { model: 'gpt-5-mini', messages, stream: true },
    'data: [DONE]',
  ],
  [
    'a responses stream',
    '/openai/v1/responses',
    { model: 'gpt-5-mini', input: 'x', stream: true },
    '"response.completed"',
  ],
  ['a message', '/anthropic/v1/messages', { model: 'claude-sonnet-4-5', max_tokens: 9, messages }, '"usage"'],
  [
    'a message stream',
    '/anthropic/v1/messages',
    { model: 'claude-sonnet-4-5', max_tokens: 9, messages, stream: true },
    '"message_stop"',
  ],
];

const SPLITS = ['0', '1', '7'];

async function withHeldRecorder(
  durability: GatewaySettings['durability'],
  run: (
    gateway: Awaited<ReturnType<typeof startGatewayUnderTest>>,
    held: { asked: Promise<void>; release: () => void },
  ) => Promise<void>,
) {
  const asked = Promise.withResolvers<void>();
  const durable = Promise.withResolvers<void>();
  const gateway = await startGatewayUnderTest({
    settings: { durability },
    record: () => {
      asked.resolve();
      return durable.promise;
    },
  });
  try {
    await run(gateway, { asked: asked.promise, release: durable.resolve });
  } finally {
    durable.resolve();
    await gateway.close();
  }
}

describe.each(KINDS)('%s', (_kind, path, body, last) => {
  it.each(SPLITS)(
    'is not whole for its client before the event is durable (writes of %s bytes)',
    async (split) => {
      await withHeldRecorder('strict', async (gateway, { asked, release }) => {
        const client = await connect(gateway.url);
        client.socket.write(post(`/gateway${path}`, body, [KEY, `x-fake-split: ${split}`]));
        await asked;
        // Everything still on its way arrives before what is sent now on the same loop.
        await settled(gateway.url);
        const before = readAnswer({ bytes: client.received(), ended: 'open' });
        expect(before?.whole ?? false).toBe(false);
        expect(before?.body.toString() ?? '').not.toMatch(new RegExp(`${escape(last)}[^]*\n\n`));
        if (!last.startsWith('"usage')) expect(before?.body.toString()).not.toContain(`${last}}`);
        expect(gateway.events).toEqual([]);
        release();
        const after = readAnswer(await client.ended());
        expect(after?.whole).toBe(true);
        expect(after?.body.toString()).toContain(last);
        expect(gateway.events).toHaveLength(1);
        expect(gateway.events[0]).toMatchObject({ status: 'ok', source: 'reported' });
      });
    },
  );

  it('does not wait with relaxed durability, and its event comes all the same', async () => {
    await withHeldRecorder('relaxed', async (gateway, { release }) => {
      const client = await connect(gateway.url);
      client.socket.write(post(`/gateway${path}`, body, [KEY]));
      expect(readAnswer(await client.ended())?.whole).toBe(true);
      expect(gateway.events).toEqual([]);
      release();
      expect(await gateway.event()).toMatchObject({ status: 'ok', source: 'reported' });
    });
  });
});

it('a stream runs up to its last event while nothing is recorded yet', async () => {
  await withHeldRecorder('strict', async (gateway, { asked }) => {
    const client = await connect(gateway.url);
    client.socket.write(
      post('/gateway/openai/v1/chat/completions', { model: 'gpt-5-mini', messages, stream: true }, [KEY]),
    );
    await asked;
    const seen = await client.until((bytes) => bytes.includes('"finish_reason":"stop"'));
    expect(seen.toString()).not.toContain('[DONE]');
  });
});

it.each([
  ['is full', () => Promise.reject(new OverloadedError('full', 3))],
  ['fails', () => Promise.reject(new Error('disk'))],
])(
  'a recorder that %s does not hurt the answer; the loss is said with what is known',
  async (_name, record) => {
    const gateway = await startGatewayUnderTest({ record });
    for (const stream of [false, true]) {
      const client = await connect(gateway.url);
      client.socket.write(
        post('/gateway/openai/v1/chat/completions', { model: 'gpt-5-mini', messages, stream }, [KEY]),
      );
      expect(readAnswer(await client.ended())).toMatchObject({ statusLine: 'HTTP/1.1 200 OK', whole: true });
    }
    expect(gateway.unrecorded).toHaveLength(2);
    expect(gateway.unrecorded[0]).toMatchObject({
      tenant: 'acme',
      provider: 'openai',
      rawUsage: expect.any(Object),
    });
    await gateway.close();
  },
);

it('with recording switched off calls pass and leave no event', async () => {
  const gateway = await startGatewayUnderTest({ recording: false });
  const client = await connect(gateway.url);
  client.socket.write(
    post('/gateway/openai/v1/chat/completions', { model: 'gpt-5-mini', messages, stream: true }, [KEY]),
  );
  expect(readAnswer(await client.ended())?.whole).toBe(true);
  expect(gateway.events).toEqual([]);
  await gateway.close();
});

/** One more round through the same process: what it wrote before has been sent by then. */
async function settled(url: string): Promise<void> {
  const other = await connect(url);
  other.socket.write('GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  await once(other.socket, 'close');
}
