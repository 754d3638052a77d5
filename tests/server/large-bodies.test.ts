/** Bodies past their bound: ordinary clients read why, also those that send everything before they look. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from './test-server.ts';

const run = promisify(execFile);
const CLIENT = fileURLToPath(new URL('large-body-client.ts', import.meta.url));

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

/** Which answers each client got, without repeats. */
async function send(key: string, paths: readonly string[]): Promise<{ [what: string]: string }> {
  const { stdout } = await run(process.execPath, [CLIENT, server.server.url, key, ...paths]);
  return JSON.parse(stdout);
}

test('a body of 17 MB is answered 413 to fetch and node:http, every time', async () => {
  const answers = await send(server.acmeKey, ['/api/usage/events', '/api/cost/estimate', '/api/login']);
  const wrong = Object.entries(answers).filter(([, answer]) => answer !== '413 body_too_large');
  expect(Object.keys(answers)).toHaveLength(12);
  expect(wrong).toEqual([]);
});

test('who may not send at all is told so, however large the body', async () => {
  const wrong = Object.entries(await send('nobody', ['/api/usage/events'])).filter(
    ([, answer]) => answer !== '401 unauthorized',
  );
  expect(wrong).toEqual([]);
});
