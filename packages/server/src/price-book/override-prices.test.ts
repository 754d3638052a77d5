import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PriceOverrideError } from '@farthing/pricing';
import { book } from '@farthing/pricing/book';
import { afterAll, expect, test } from 'vitest';
import { overriddenBook } from './override-prices.ts';

const folder = mkdtempSync(join(tmpdir(), 'farthing-overrides-'));
afterAll(() => rmSync(folder, { recursive: true }));
const now = new Date('2026-11-22T00:00:00Z');
const json = '[{"provider":"openai","model":"gpt-4o","rates":{"input_uncached":"1","output_text":"2"}}]';
const query = {
  provider: 'openai',
  model: 'gpt-4o',
  at: now.getTime(),
  tier: 'standard',
  speed: null,
  region: null,
} as const;

test('without overrides the installed book is in force', () => {
  expect(overriddenBook(null, now)).toBe(book);
});

test('JSON and a file with the same JSON make the same book, named in its version', () => {
  const path = join(folder, 'prices.json');
  writeFileSync(path, json);
  const fromFile = overriddenBook(path, now);
  expect(fromFile.version).toBe(overriddenBook(json, now).version);
  expect(fromFile.version).toMatch(/^genai-prices@.*\+override@[0-9a-f]{8}$/);
  expect(fromFile.find(query)?.rates.output_text?.usd).toBe('2');
});

test.each([join(folder, 'missing.json'), '[{', '[{"provider":"openai"}]'])('refuses %s', (setting) => {
  expect(() => overriddenBook(setting, now)).toThrow(PriceOverrideError);
});
