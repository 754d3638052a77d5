import { expect, test } from 'vitest';
import { typed } from './typed.ts';

const by = (npmScript: string | null) =>
  typed('keys list', { url: null, apiKey: null, colour: true, npmScript });

test('a command is shown as it can be typed: by npm in a clone, by its name where that was typed', () => {
  expect(by('start')).toBe('npm run -s farthing -- keys list');
  expect(by('farthing')).toBe('npm run -s farthing -- keys list');
  expect(by(null)).toBe('farthing keys list');
  expect(by('build-of-someone-else')).toBe('farthing keys list');
});
