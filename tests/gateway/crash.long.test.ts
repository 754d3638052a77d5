import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DataFolder, makeDataFolder } from '../crash/data-folder.ts';
import { ServerProcess } from '../crash/server-process.ts';
import { type ScriptedProvider, startScriptedProvider } from '../provider/scripted-provider.ts';
import { killGateway } from './kill-gateway.ts';

const KILLS = 25;

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

test('kill -9 at 25 random moments under gateway load: every answer received whole has its event, none has two', async () => {
  const { whole, missing, doubled } = await killGateway(server, folder, KILLS);
  expect(missing).toEqual([]);
  expect(doubled).toEqual([]);
  expect(whole.size).toBeGreaterThan(KILLS);
  expect(whole).not.toContain('unknown');
});
