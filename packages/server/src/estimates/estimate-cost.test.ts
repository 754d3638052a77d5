import { divideHalfEven } from '@farthing/pricing';
import { book } from '@farthing/pricing/book';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EstimateRequest, estimateCost } from './estimate-cost.ts';

const at = Date.parse('2026-11-22T00:00:00Z');
const request = (given: Pick<EstimateRequest, 'calls' | 'volumes'>): EstimateRequest => ({
  tier: 'standard',
  region: null,
  operation: 'chat',
  at,
  ...given,
});
const counts = fc.nat(5_000_000);
const volume = fc.integer({ min: 1, max: 1_000_000_000 });

describe('estimateCost', () => {
  it('multiplies a call by its volume exactly', () => {
    fc.assert(
      fc.property(counts, counts, volume, (input, output, calls) => {
        const quantities = { input_uncached: input + 1, output_text: output };
        const estimate = estimateCost(
          book,
          request({ calls: [{ model: 'gpt-4o', times: '1', use: { quantities } }], volumes: [calls] }),
        );
        // 2.50 and 10 USD per million tokens.
        const one = BigInt(input + 1) * 2_500_000n + BigInt(output) * 10_000_000n;
        expect(estimate.calls[0]?.callPicos).toBe(one);
        expect(estimate.total).toEqual({ picos: one, volumes: [{ calls, picos: one * BigInt(calls) }] });
      }),
      { numRuns: 100 },
    );
  });

  it('adds up parts of calls without a rounding in between', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            input: fc.integer({ min: 1, max: 1_000_000 }),
            millionths: fc.integer({ min: 1, max: 9_999_999 }),
          }),
          {
            minLength: 1,
            maxLength: 5,
          },
        ),
        volume,
        (parts, calls) => {
          const estimate = estimateCost(
            book,
            request({
              calls: parts.map(({ input, millionths }) => ({
                model: 'gpt-4o',
                times: (millionths / 1_000_000).toFixed(6),
                use: { usage: { input_tokens: input } },
              })),
              volumes: [calls],
            }),
          );
          const sum = parts.reduce(
            (total, { input, millionths }) => total + BigInt(input) * 2_500_000n * BigInt(millionths),
            0n,
          );
          expect(estimate.total.volumes[0]?.picos).toBe(divideHalfEven(sum * BigInt(calls), 1_000_000n));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('has no total where one part has no price, and keeps the prices of the others', () => {
    const use = { usage: { input_tokens: 10 } };
    const estimate = estimateCost(
      book,
      request({
        calls: [
          { model: 'gpt-4o', times: '1', use },
          { model: 'no-such-model', times: '1', use },
        ],
        volumes: [5],
      }),
    );
    expect(estimate.total).toEqual({ picos: null, volumes: [{ calls: 5, picos: null }] });
    expect(estimate.calls[0]?.callPicos).toBe(25_000_000n);
    expect(estimate.calls[1]?.unpriced).toHaveLength(1);
  });
});
