/** Memory for event bodies is shared: a tenant that sends many large ones waits for room, others do not. */
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../server/test-server.ts';

const MIB = 1_048_576;
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({
    FARTHING_BODY_LIMIT_BYTES: String(MIB),
    FARTHING_INFLATED_LIMIT_BYTES: String(4 * MIB),
    FARTHING_BODY_MEMORY_BYTES: String(12 * MIB),
  });
});
afterAll(() => server.stop());

/** Begins a request; `body` may be less than `length`, then it stalls there. */
function begin(key: string, body: Buffer, headers: Record<string, string | number> = {}): ClientRequest {
  const request = httpRequest(`${server.server.url}/api/usage/events`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'content-length': body.length,
      ...headers,
    },
  });
  request.on('error', () => undefined);
  request.write(body);
  return request;
}

async function answerOf(request: ClientRequest): Promise<{ status: number; body: string }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.once('error', reject);
    request.end();
  });
  return { status: response.statusCode ?? 0, body: await text(response) };
}

/** One event with blanks behind it, so many bytes long. */
const event = (id: string, bytes: number): Buffer =>
  Buffer.from(
    JSON.stringify({ id, provider: 'openai', model: 'gpt-5-mini', usage: { prompt_tokens: 1 } }).padEnd(
      bytes,
    ),
  );

test('large bodies of one tenant that stall leave room for another tenant; its own next one waits', async () => {
  const stalled = Array.from({ length: 40 }, () =>
    begin(server.acmeKey, Buffer.alloc(1_000, ' '), { 'content-length': MIB }),
  );
  await expect.poll(() => stalled.filter((one) => one.socket?.bytesWritten).length).toBe(40);
  // Small ones still pass, and so show that everything sent before them has arrived.
  const small = await answerOf(begin(server.acmeKey, event('small', 200)));
  expect(small.status).toBe(200);

  let answered = false;
  const own = answerOf(begin(server.acmeKey, event('own', MIB))).finally(() => {
    answered = true;
  });
  const other = await answerOf(begin(server.globexKey, event('other', MIB)));
  expect(other.status).toBe(200);
  expect(answered).toBe(false);
  for (const one of stalled) one.destroy();
  expect((await own).status).toBe(200);
});

test('a body that unpacks to more than its end says is read all the same, and beyond the limit refused', async () => {
  const two = Buffer.concat([gzipSync(event('first', 300_000)), gzipSync(Buffer.from('\n'))]);
  expect(await answerOf(begin(server.acmeKey, two, { 'content-encoding': 'gzip' }))).toMatchObject({
    status: 200,
  });
  const bomb = gzipSync(Buffer.alloc(5 * MIB, ' '));
  bomb.writeUInt32LE(10, bomb.length - 4);
  const refused = await answerOf(begin(server.acmeKey, bomb, { 'content-encoding': 'gzip' }));
  expect(refused.status).toBe(413);
});

test('room is given back with every answer, also where the client leaves', async () => {
  for (let round = 0; round < 30; round += 1) {
    const request = begin(server.acmeKey, event(`left-${round}`, MIB));
    if (round % 2 === 0) request.destroy();
    else expect((await answerOf(request)).status).toBe(200);
  }
  const last = await answerOf(
    begin(server.acmeKey, gzipSync(event('last', MIB)), { 'content-encoding': 'gzip' }),
  );
  expect(last.status).toBe(200);
});
