import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DataFolder, makeDataFolder } from '../crash/data-folder.ts';
import { printFigures } from '../crash/report.ts';
import { ServerProcess } from '../crash/server-process.ts';
import { type ScriptedProvider, startScriptedProvider } from '../provider/scripted-provider.ts';
import { eventsByResponse, killGateway } from './kill-gateway.ts';
import { GatewayLoad } from './load.ts';

const KILLS = 10;

let provider: ScriptedProvider;
let folder: DataFolder;
let server: ServerProcess;
beforeAll(async () => {
  provider = await startScriptedProvider({
    live: true,
    keepRequests: 0,
    pacing: { firstTokenMs: 5, perChunkMs: 1 },
  });
  folder = await makeDataFolder();
  const env = { FARTHING_OPENAI_BASE_URL: provider.url, FARTHING_ANTHROPIC_BASE_URL: provider.url };
  server = await ServerProcess.create({ dataDir: folder.path, env });
});
afterAll(async () => {
  await server.end('SIGTERM');
  await provider.close();
  await folder.remove();
});

test('kill -9 at random moments under gateway load: every answer received whole has its event, none has two', async () => {
  const { whole, missing, doubled } = await killGateway(server, folder, KILLS);
  expect(missing).toEqual([]);
  expect(doubled).toEqual([]);
  expect(whole.size).toBeGreaterThan(KILLS);
  expect(whole).not.toContain('unknown');
}, 240_000);

test('SIGTERM with 200 open streams: none is cut, every one has its event, and the exit is clean', async () => {
  const slow = await startScriptedProvider({
    live: true,
    keepRequests: 0,
    pacing: { firstTokenMs: 1_000, perChunkMs: 20 },
  });
  await server.end('SIGTERM');
  const env = { FARTHING_OPENAI_BASE_URL: slow.url, FARTHING_ANTHROPIC_BASE_URL: slow.url };
  server = await ServerProcess.create({ dataDir: folder.path, env });
  await server.start();
  const load = new GatewayLoad(server.url, 200);
  while (slow.total < 200) await sleep(10);
  const [code] = await Promise.all([server.end('SIGTERM'), load.stop()]);
  await server.start();
  const events = await eventsByResponse(server, folder);
  await slow.close();
  printFigures('SIGTERM with open streams', { whole: load.whole.size, brokenOff: load.brokenOff, code });
  const missing = [...load.whole].filter((id) => !events.has(id));
  expect([code, load.whole.size, load.brokenOff, missing]).toEqual([0, 200, 0, []]);
}, 120_000);
