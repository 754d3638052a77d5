import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { renderConfigurationRows, renderEnvExample } from './env-example.ts';

const ROOT = new URL('../../../', import.meta.url);

test('.env.example names every variable with its default (npx vitest run --update packages/cli/src/env-example.test.ts rewrites it)', async () => {
  await expect(renderEnvExample()).toMatchFileSnapshot(new URL('.env.example', ROOT).pathname);
});

test('docs/configuration.md holds one row per variable and no other', async () => {
  const text = await readFile(new URL('docs/configuration.md', ROOT), 'utf8');
  const rows = text.split('\n').filter((line) => line.startsWith('| `'));
  expect(rows).toEqual(renderConfigurationRows());
});
