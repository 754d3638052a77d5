/** A real server that runs out of file descriptors. */
import { execFile } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { makeDataFolder } from '../crash/data-folder.ts';
import { Load } from '../crash/load.ts';
import { seededRandom } from '../crash/random.ts';
import { printFigures } from '../crash/report.ts';
import { ServerProcess } from '../crash/server-process.ts';
import { eventsByResponse } from '../gateway/kill-gateway.ts';
import { GatewayLoad } from '../gateway/load.ts';
import { startScriptedProvider } from '../provider/scripted-provider.ts';

const LIMIT = 300;
const IDLE = 400;
const ROUNDS = 4;

test('400 idle connections on a server that may open 300 files end nothing and lose nothing', async (context) => {
  const folder = await makeDataFolder();
  onTestFinished(() => folder.remove());
  const provider = await startScriptedProvider({ live: true, keepRequests: 0 });
  onTestFinished(() => provider.close());
  const server = await ServerProcess.create({
    dataDir: folder.path,
    env: {
      FARTHING_JOBS: 'false',
      FARTHING_LOG_LEVEL: 'error',
      FARTHING_OPENAI_BASE_URL: provider.url,
      FARTHING_ANTHROPIC_BASE_URL: provider.url,
    },
  });
  onTestFinished(async () => {
    await server.end('SIGTERM');
  });
  await server.start();
  const { pid } = server;
  try {
    await promisify(execFile)('prlimit', ['--pid', String(pid), `--nofile=${LIMIT}:${LIMIT}`]);
  } catch (error) {
    console.log(`skipped: prlimit does not work here: ${error instanceof Error ? error.message : error}`);
    context.skip();
  }
  const calls = new GatewayLoad(server.url, 8);
  const random = seededRandom('out of descriptors');
  const load = new Load({ urls: [server.url], random, writers: 2, maxBatch: 20, pauseMs: 5 });
  for (let round = 0; round < ROUNDS; round += 1) {
    await sleep(300);
    const idle = Array.from({ length: IDLE }, () => idleConnection(server.url));
    await sleep(4_000);
    for (const socket of idle) socket.destroy();
    expect(server.pid).toBe(pid);
    const before = calls.whole.size;
    await expect.poll(() => calls.whole.size > before, { timeout: 30_000 }).toBe(true);
  }
  await calls.stop();
  await load.stop();
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  const events = await eventsByResponse(server, folder);
  const missing = [...calls.whole].filter((id) => !events.has(id));
  const silent = missing.filter((id) => !server.said.includes(id));
  const doubled = [...events].filter(([, times]) => times > 1);
  const { repeats } = load;
  const { size: whole } = calls.whole;
  const { brokenOff } = calls;
  printFigures('out of descriptors', {
    whole,
    brokenOff,
    repeats,
    told: missing.length,
    silent: silent.length,
  });
  expect({ silent, doubled, refusals: load.refusals }).toEqual({ silent: [], doubled: [], refusals: [] });
  expect(calls.brokenOff + load.repeats).toBeGreaterThan(0);
  expect(await server.end('SIGTERM')).toBe(0);
});

function idleConnection(url: string): Socket {
  const { hostname, port } = new URL(url);
  return connect(Number(port), hostname).on('error', () => undefined);
}
