import fc from 'fast-check';
import { expect, test } from 'vitest';
import { book } from '../generated/book.ts';
import { printUsd } from '../money/money.ts';
import { rate } from './rate.ts';
import { PROVIDERS_STATING_CHARGES, settle } from './settle.ts';

const charge = (input: number, model = 'openai/gpt-4o') =>
  rate(book, {
    provider: 'openrouter',
    model,
    operation: 'chat',
    at: Date.UTC(2026, 10, 20),
    tier: 'standard',
    speed: null,
    region: null,
    segments: [{ model: null, quantities: { input_uncached: input, output_text: 7 }, contextTokens: input }],
  });

test('the lines add up to what the provider stated, whatever it stated and whether we know a price or not', () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.bigInt(0n, 10n ** 13n), fc.boolean(), (input, picos, known) => {
      const computed = charge(input, known ? 'openai/gpt-4o' : 'nobody-knows-this');
      const reported = { usd: printUsd(picos), field: 'usage.cost' };
      const settled = settle(computed, 'openrouter', reported, PROVIDERS_STATING_CHARGES);
      const sum = settled.lines.reduce((all, line) => all + (line.amountPicos ?? 0n), 0n);
      expect(settled.totalPicos).toBe(picos);
      expect(sum).toBe(picos);
      expect(settled.inputPicos + settled.outputPicos + settled.otherPicos).toBe(picos);
    }),
  );
});

test('a provider that is not believed, a figure that is none, and an equal figure leave our computation as it is', () => {
  const computed = charge(1000);
  const cost = (usd: string) => ({ usd, field: 'usage.cost' });
  expect(settle(computed, 'openrouter', cost('0.5'), [])).toBe(computed);
  expect(settle(computed, 'openrouter', cost('-1'), ['openrouter'])).toBe(computed);
  expect(settle(computed, 'openrouter', cost('n/a'), ['openrouter'])).toBe(computed);
  expect(settle(computed, 'openrouter', null, ['openrouter'])).toBe(computed);
  const same = printUsd(computed.totalPicos ?? 0n);
  expect(settle(computed, 'openrouter', cost(same), ['openrouter'])).toBe(computed);
});
