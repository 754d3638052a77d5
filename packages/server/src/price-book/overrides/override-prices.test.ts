import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PriceOverrideError } from '@farthing/pricing';
import { afterAll, expect, test } from 'vitest';
import { overridesOf } from './override-prices.ts';

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

test('without a setting there are no overrides', () => {
  expect(overridesOf(null, now)).toBeNull();
});

test('JSON and a file with the same JSON make the same book, named in its version', () => {
  const path = join(folder, 'prices.json');
  writeFileSync(path, json);
  const fromFile = overridesOf(path, now);
  expect(fromFile?.version).toBe(overridesOf(json, now)?.version);
  expect(fromFile?.version).toMatch(/^override@[0-9a-f]{8}$/);
  expect(fromFile?.find(query)?.rates.output_text?.usd).toBe('2');
});

test.each([join(folder, 'missing.json'), '[{', '[{"provider":"openai"}]'])('refuses %s', (setting) => {
  expect(() => overridesOf(setting, now)).toThrow(PriceOverrideError);
});
