import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { METER_NAMES } from './meters.ts';
import { checkQuantities, disjoint, entries, mergeSegments, tokenTotals } from './quantities.ts';

const count = fc.nat({ max: 2_000_000 });

describe('disjoint', () => {
  test('parts and rest sum to the total whenever the parts fit, and nothing is ever negative', () => {
    fc.assert(
      fc.property(count, count, count, count, (total, cached, written, audio) => {
        const parts = { input_cache_read: cached, input_cache_write: written, input_audio: audio };
        const result = disjoint([{ name: 'input', total, rest: 'input_uncached', parts }]);
        for (const [, quantity] of entries(result.quantities)) expect(quantity).toBeGreaterThanOrEqual(0);
        const explained = cached + written + audio;
        expect(tokenTotals(result.quantities).input).toBe(Math.max(total, explained));
        expect(result.anomalies.map((one) => one.code)).toEqual(
          explained > total ? ['input_parts_exceed_total'] : [],
        );
      }),
    );
  });

  test('a part larger than its total keeps its count and leaves no negative rest (cache subtracted from an exclusive count)', () => {
    const result = disjoint([
      { name: 'input', total: 10, rest: 'input_uncached', parts: { input_cache_read: 600 } },
    ]);
    expect(result.quantities).toEqual({ input_uncached: 0, input_cache_read: 600 });
    expect(result.anomalies).toHaveLength(1);
  });

  test('a count that was not reported stays absent; a reported zero stays zero', () => {
    const parts = { input_cache_read: 0, input_audio: null, input_image: undefined };
    expect(disjoint([{ name: 'input', total: 5, rest: 'input_uncached', parts }]).quantities).toEqual({
      input_uncached: 5,
      input_cache_read: 0,
    });
    expect(disjoint([{ name: 'input', total: null, rest: 'input_uncached', parts }]).quantities).toEqual({
      input_cache_read: 0,
    });
  });

  test('what is no count is left out and named', () => {
    const result = disjoint([
      { name: 'input', total: 5, rest: 'input_uncached', parts: { input_cache_read: Number.NaN } },
    ]);
    expect(result.quantities).toEqual({ input_uncached: 5 });
    expect(result.anomalies[0]?.code).toBe('input_cache_read_not_a_count');
  });
});

describe('quantities', () => {
  test('merging segments keeps every total', () => {
    const segment = fc.record(
      { input_uncached: count, input_cache_read: count, output_text: count, output_reasoning: count },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 5 }), (all) => {
        const segments = all.map((quantities) => ({ quantities: quantities as Record<string, number> }));
        const merged = tokenTotals(mergeSegments(segments));
        const sums = segments.map((one) => tokenTotals(one.quantities));
        expect(merged.input).toBe(sums.reduce((sum, one) => sum + one.input, 0));
        expect(merged.output).toBe(sums.reduce((sum, one) => sum + one.output, 0));
      }),
    );
  });

  test('fractional seconds are summed as decimals', () => {
    const merged = mergeSegments([
      { quantities: { audio_seconds_in: 0.1 } },
      { quantities: { audio_seconds_in: 0.2 } },
    ]);
    expect(merged.audio_seconds_in).toBe(0.3);
  });

  test('a caller’s quantities are checked one by one and all problems are told', () => {
    const given = JSON.parse('{"__proto__":1,"nope":1,"output_text":-1,"input_uncached":1.5,"pages":"3"}');
    const result = checkQuantities({ ...given, ['__proto__']: 1, input_audio: 2 ** 60 });
    expect(result.ok ? [] : result.problems.map((one) => one.code).sort()).toEqual(
      ['fraction', 'negative', 'not_a_number', 'too_large', 'unknown_meter', 'unknown_meter'].sort(),
    );
    expect(checkQuantities({ input_uncached: 12.0, audio_seconds_in: 1.5 })).toEqual({
      ok: true,
      quantities: { input_uncached: 12, audio_seconds_in: 1.5 },
    });
    expect(checkQuantities([1]).ok).toBe(false);
  });

  test('every token meter belongs to exactly one of input and output', () => {
    for (const meter of METER_NAMES) {
      const { input, output } = tokenTotals({ [meter]: 1 });
      expect(input + output).toBeLessThanOrEqual(1);
    }
  });
});
