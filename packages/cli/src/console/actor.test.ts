import { expect, test } from 'vitest';
import { cliActor } from './actor.ts';

test('names the user of the operating system, and nobody where there is none', () => {
  expect(cliActor(() => 'ada')).toBe('cli:ada');
  expect(cliActor(() => '')).toBe('cli');
  const nobody = () => {
    throw new Error('uv_os_get_passwd returned ENOENT');
  };
  expect(cliActor(nobody)).toBe('cli');
  expect(cliActor(() => 'x'.repeat(300)).length).toBeLessThan(70);
});
