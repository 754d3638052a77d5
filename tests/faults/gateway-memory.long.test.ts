/** Large bodies at once, against a server in a process of its own: its memory stays bounded, small calls pass. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DataFolder, makeDataFolder } from '../crash/data-folder.ts';
import { printFigures } from '../crash/report.ts';
import { ADMIN_KEY, ServerProcess } from '../crash/server-process.ts';
import { readVitals } from './vitals.ts';

const MB = 1_000_000;
const BODIES = 30;
const CHAT = '/gateway/openai/v1/chat/completions';

let provider: http.Server;
let folder: DataFolder;
let server: ServerProcess;
beforeAll(async () => {
  // Throws the body away and takes a little time, as a model does.
  provider = http.createServer((request, response) => {
    request.resume().on('end', () => {
      setTimeout(() => response.setHeader('content-type', 'application/json').end('{"id":"c"}'), 20);
    });
  });
  provider.listen(0, '127.0.0.1');
  await once(provider, 'listening');
  folder = await makeDataFolder();
  server = await ServerProcess.create({
    dataDir: folder.path,
    env: {
      FARTHING_OPENAI_BASE_URL: `http://127.0.0.1:${(provider.address() as AddressInfo).port}`,
      FARTHING_GATEWAY_WAIT_MS: '120000',
      FARTHING_REQUEST_TIMEOUT_MS: '300000',
    },
  });
  await server.start();
}, 120_000);
afterAll(async () => {
  await server.end('SIGTERM');
  provider.closeAllConnections();
  provider.close();
  await folder.remove();
});

async function keyOf(tenant: string): Promise<string> {
  const headers = { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' };
  const ask = async (path: string, body: object) => {
    const answer = await fetch(`${server.url}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return (await answer.json()) as { data?: { key?: string } };
  };
  await ask('/api/admin/tenants', { id: tenant });
  const { data } = await ask('/api/admin/keys', { name: tenant, role: 'member', tenant });
  if (data?.key === undefined) throw new Error('no key was made');
  return data.key;
}

async function send(key: string, body: Buffer): Promise<number> {
  const request = http.request(`${server.url}${CHAT}`, {
    method: 'POST',
    headers: { 'x-farthing-key': key, 'content-type': 'application/json', 'content-length': body.length },
  });
  request.end(body);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response.statusCode ?? 0;
}

it(`${BODIES} bodies of 60 MB at once take no more memory than there is for them, and another tenant's small calls pass`, async () => {
  const [loud, quiet] = await Promise.all([keyOf('loud'), keyOf('quiet')]);
  const large = Buffer.from(`{"model":"m","messages":[{"role":"user","content":"${'x'.repeat(60 * MB)}"}]}`);
  const small = Buffer.from('{"model":"m","messages":[]}');
  expect(await send(quiet, small)).toBe(200);
  const before = await readVitals(server.url, ADMIN_KEY);

  let under = true;
  const floods = Promise.all(Array.from({ length: BODIES }, () => send(loud, large))).finally(() => {
    under = false;
  });
  const others: number[] = [];
  while (under) {
    others.push(await send(quiet, small));
    await sleep(50);
  }
  const statuses = await floods;
  const after = await readVitals(server.url, ADMIN_KEY);
  printFigures('30 bodies of 60 MB', {
    beforeMB: Math.round(before.peakResidentBytes / MB),
    peakMB: Math.round(after.peakResidentBytes / MB),
    smallCalls: others.length,
    longestBusyMs: Math.round(after.longestBusyMs),
  });
  expect(statuses).toEqual(Array(BODIES).fill(200));
  expect(new Set(others)).toEqual(new Set([200]));
  expect(after.peakResidentBytes).toBeLessThan(before.peakResidentBytes + 1_000 * MB);
});
