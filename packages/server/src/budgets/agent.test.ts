import { AppError } from '@farthing/contract';
import { parseUsd, printUsd } from '@farthing/pricing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_AGENT_LIMIT_PICOS, readAgentLimit, spendSinceReset } from './agent.ts';

const picos = fc.bigInt({ min: 0n, max: 10n ** 24n });
const requests = fc.nat(1_000_000);

describe('spendSinceReset', () => {
  it('leaves out what the month had at the reset, and nothing in another month', () => {
    fc.assert(
      fc.property(picos, picos, requests, requests, (before, after, earlier, later) => {
        const spendReset = { at: new Date(0), month: '2026-11-01', costPicos: before, requests: earlier };
        const spend = { costPicos: before + after, requests: earlier + later };
        expect(spendSinceReset({ spendReset }, { month: '2026-11-01', ...spend })).toEqual({
          month: '2026-11-01',
          costPicos: after,
          requests: later,
        });
        const next = { month: '2026-12-01', ...spend };
        expect(spendSinceReset({ spendReset }, next)).toBe(next);
        expect(spendSinceReset({ spendReset: null }, next)).toBe(next);
      }),
    );
  });

  it('is never below zero, where re-rating lowered what was spent before the reset', () => {
    const spendReset = { at: new Date(0), month: '2026-11-01', costPicos: 10n, requests: 3 };
    const lowered = spendSinceReset({ spendReset }, { month: '2026-11-01', costPicos: 7n, requests: 3 });
    expect(lowered).toEqual({ month: '2026-11-01', costPicos: 0n, requests: 0 });
  });
});

describe('readAgentLimit', () => {
  it('takes every amount of twelve decimals exactly', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: MAX_AGENT_LIMIT_PICOS }), (amount) => {
        expect(readAgentLimit(printUsd(amount))).toBe(amount);
      }),
    );
  });

  it('reads a number by the digits it prints', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), (cents) => {
        expect(readAgentLimit(cents / 100)).toBe(parseUsd((cents / 100).toFixed(2)));
      }),
    );
  });

  it('refuses everything else with invalid_body, whatever it is', () => {
    const refused = (given: number | string) => {
      try {
        readAgentLimit(given);
        return false;
      } catch (error) {
        return error instanceof AppError && error.code === 'invalid_body';
      }
    };
    for (const given of [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      -0.01,
      1e12,
      '',
      ' ',
      '1,000',
      '0x10',
      '٣',
      '1e-13',
    ])
      expect([given, refused(given)]).toEqual([given, true]);
    fc.assert(fc.property(fc.string(), (text) => refused(text) || readAgentLimit(text) >= 0n));
  });
});
