/** The commands of docs/api.md, run as they stand there. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from './world.ts';

const run = promisify(execFile);
const page = await readFile(new URL('../../docs/api.md', import.meta.url), 'utf8');
const SNIPPETS = [...page.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, text = '']) => text);
const hasCurl = await run('curl', ['--version']).then(
  () => true,
  () => false,
);
if (!hasCurl) console.log('There is no curl here: the commands of docs/api.md are not run.');

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

describe('docs/api.md', () => {
  it('has commands', () => {
    expect(SNIPPETS.length).toBeGreaterThan(2);
  });

  it.runIf(hasCurl).each(SNIPPETS)('%s', async (snippet) => {
    const here = snippet.replaceAll('http://127.0.0.1:4141', world.url);
    // The tenant of the example is there already.
    const command = here.replaceAll('"id":"acme"', '"id":"acme-2"');
    const { stdout } = await run(
      'sh',
      ['-c', `curl() { command curl -sS --fail-with-body "$@"; }\n${command}`],
      {
        env: { PATH: process.env['PATH'] ?? '', FARTHING_API_KEY: world.test.adminKey },
      },
    );
    expect(JSON.parse(stdout)).toMatchObject({ success: true });
  });

  it('names only routes that are there', async () => {
    const { paths } = (await (await fetch(`${world.url}/openapi.json`)).json()) as { paths: object };
    const known = new Set(Object.keys(paths).map((path) => path.replace(/\{\w+\}/g, ':')));
    const named = [...page.matchAll(/`(?:GET|POST|PUT|PATCH|DELETE) (\/[\w/:.{}-]+)`/g)].map(
      ([, path = '']) => path,
    );
    const unknown = named.filter((path) => !known.has(path.replace(/:\w+|\{\w+\}/g, ':')));
    expect([named.length > 10, unknown]).toEqual([true, []]);
  });
});
