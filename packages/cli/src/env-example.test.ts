import { expect, test } from 'vitest';
import { renderConfiguration, renderEnvExample } from './env-example.ts';

// `npx vitest run packages/cli/src/env-example.test.ts --update` rewrites both files.
const fileAt = (path: string): string => new URL(`../../../${path}`, import.meta.url).pathname;

test('.env.example names every variable with its default', async () => {
  await expect(renderEnvExample()).toMatchFileSnapshot(fileAt('.env.example'));
});

test('docs/configuration.md says the same of the same variables', async () => {
  await expect(renderConfiguration()).toMatchFileSnapshot(fileAt('docs/configuration.md'));
});
