import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { ROUTES } from './routes.ts';

const HERE = new URL('.', import.meta.url);

/** Single words in a URL, and the folder of their files. */
const FOLDERS: { readonly [word: string]: string } = {
  healthz: 'health',
  readyz: 'health',
  metrics: 'health',
  login: 'login',
  session: 'login',
  sessions: 'login',
};
/** The lists by dimension are rows of one table. */
const TABLE = 'cost/breakdowns.ts';

test('the file of an endpoint is found by its URL: the longest path of its words that is a file', async () => {
  const files = (await readdir(HERE, { recursive: true })).filter(
    (file) => file.includes('/') && file.endsWith('.ts') && !file.endsWith('.test.ts'),
  );
  const homes = new Map<unknown, string>();
  for (const file of files.filter((one) => !one.endsWith('/routes.ts'))) {
    const made: object = await import(new URL(file, HERE).href);
    for (const one of Object.values(made)) {
      homes.set(one, file);
      if (file === TABLE) for (const row of Object.values(one as object)) homes.set(row, file);
    }
  }
  const lost = Object.entries(ROUTES).flatMap(([key, endpoint]) => {
    const words = key.replace(/^\w+ \/(api\/)?/, '').split('/');
    const named = words.filter((word) => !word.startsWith(':'));
    const path = [FOLDERS[named[0] ?? ''], ...named].filter((word) => word !== undefined);
    const guesses = path.map((_, last) => `${path.slice(0, path.length - last).join('/')}.ts`);
    const guess = guesses.find((one) => files.includes(one));
    const home = homes.get(endpoint);
    return home === guess || home === TABLE ? [] : [`${key}: guessed ${guess}, is in ${home}`];
  });
  expect(lost).toEqual([]);
});
