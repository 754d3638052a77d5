import { METER_NAMES } from '@farthing/pricing';
import { expect, test } from 'vitest';
import { unitFault } from '../../../../cli/src/commands/export/focus/formats.ts';
import { meterName, namesOf, pricingUnitName, unitName } from './names.ts';

test('every meter has a name of its own, and units as FOCUS writes them', () => {
  expect(new Set(METER_NAMES.map(meterName)).size).toBe(METER_NAMES.length);
  for (const meter of METER_NAMES) {
    expect(meterName(meter)).toMatch(/^\p{Lu}/u);
    const units = [
      unitName(meter),
      ...[1, 60, 1_000, 3_600, 1_000_000].map((per) => pricingUnitName(meter, per)),
    ];
    expect(units.map(unitFault)).toEqual(units.map(() => null));
  }
});

test.each([
  ['input_cache_read', 'Cache Read Input Tokens'],
  ['input_audio_cache_read', 'Cache Read Audio Input Tokens'],
  ['output_image', 'Image Output Tokens'],
  ['web_searches', 'Web Searches'],
] as const)('%s is called %s', (meter, name) => {
  expect(meterName(meter)).toBe(name);
});

test.each([
  ['openai', 'gpt-5.2', 'OpenAI', 'OpenAI'],
  ['aws.bedrock', 'anthropic.claude-sonnet-4-5-v1:0', 'Amazon Web Services', 'Anthropic'],
  ['azure', 'gpt-4o', 'Microsoft', 'OpenAI'],
  ['openrouter', 'meta-llama/llama-4-maverick', 'OpenRouter', 'Meta'],
  ['vertex', 'gemini-3-pro', 'Google Cloud', 'Google'],
  ['a-house-of-our-own', 'gpt-oss', 'a-house-of-our-own', 'a-house-of-our-own'],
])('%s sells %s: paid is %s, published it has %s', (provider, model, paid, publisher) => {
  expect(namesOf(provider, model)).toMatchObject({ provider: paid, publisher });
});
