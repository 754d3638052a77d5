/** Commands that call the server of their machine: who did it is known, and nothing else is left behind. */
import { userInfo } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DataFolder, makeDataFolder } from '../crash/data-folder.ts';
import { ADMIN_KEY, ServerProcess } from '../crash/server-process.ts';
import { farthing } from './farthing.ts';

let folder: DataFolder;
let server: ServerProcess;
beforeAll(async () => {
  folder = await makeDataFolder();
  server = await ServerProcess.create({ dataDir: folder.path });
  await server.start();
}, 120_000);
afterAll(async () => {
  await server.end('SIGTERM');
  await folder.remove();
});

const get = async (path: string) => {
  const answer = await fetch(server.url + path, { headers: { authorization: `Bearer ${ADMIN_KEY}` } });
  return ((await answer.json()) as { readonly data: Record<string, unknown> }).data;
};

test('the audit log names who ran the command, no key comes or goes, and what is imported comes from none', async () => {
  const me = `cli:${userInfo().username}`;
  const add = ['prices', 'add', '--provider', 'openai', '--model', 'house', '--rate', 'input_uncached=1'];
  expect((await farthing(folder.path, add)).code).toBe(0);
  const event =
    '{"id":"e","provider":"openai","model":"house","usage":{"prompt_tokens":9,"completion_tokens":0}}';
  expect((await farthing(folder.path, ['import', '-'], event)).code).toBe(0);
  expect((await farthing(folder.path, ['tenants', 'create', 'acme'])).code).toBe(0);

  const { entries } = (await get('/api/admin/audit?actor=cli')) as {
    entries: { actor: string; action: string }[];
  };
  expect(entries.map(({ actor, action }) => [actor, action])).toEqual([
    [me, 'tenant.create'],
    [me, 'price_card.add'],
  ]);
  const { keys } = (await get('/api/admin/keys')) as { keys: { name: string }[] };
  expect(keys.map(({ name }) => name)).toEqual(['FARTHING_ADMIN_KEY']);
  const listed = await farthing(folder.path, ['keys', 'list', '--json']);
  expect(JSON.parse(listed.stdout).length).toBe(1);
  expect(await get('/api/usage/events/e')).toMatchObject({ api_key_id: null });
}, 120_000);
