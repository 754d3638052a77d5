import { installedData } from '@farthing/pricing/book';
import { describe, expect, test } from 'vitest';
import { compileTable } from '../compile/compile-book.ts';
import type { OwnPrices } from '../compile/own.ts';
import { isOvertaken } from './refreshed-data.ts';

const own = (usd: string, date = '2026-11-22'): OwnPrices => ({
  provider: 'acme',
  source: { date },
  cards: [{ model: 'm', rates: { input_uncached: usd } }],
});
const version = (table: string, prices: OwnPrices) =>
  compileTable({ providers: [], version: table, date: '2026-09-23' }, [prices], {
    repairs: [],
    free: [],
    unknown: [],
  }).version;

describe('the version of a compiled book', () => {
  test('names table, dates and content: another price on the same day is another version, the same content the same', () => {
    expect(version('0.1.8', own('1'))).toMatch(/^genai-prices@0\.1\.8\+farthing@2026-11-22\+[0-9a-f]{8}$/);
    expect(version('0.1.8', own('1'))).toBe(version('0.1.8', own('1')));
    expect(version('0.1.8', own('2'))).not.toBe(version('0.1.8', own('1')));
    expect(installedData.version).toMatch(/^genai-prices@[\d.]+\+farthing@[\d-]+\+[0-9a-f]{8}$/);
  });

  test('is read by its table and its date alone, whatever the hash, and also without one', () => {
    const older = version('0.1.9', own('1', '2026-11-20'));
    expect(isOvertaken(version('0.2.0', own('1', '2027-01-02')), older)).toBe(true);
    expect(isOvertaken(version('0.1.10', own('1', '2026-11-20')), older)).toBe(true);
    expect(isOvertaken(version('0.1.9', own('1', '2026-11-21')), older)).toBe(true);
    expect(isOvertaken(version('0.1.10', own('1', '2026-11-19')), older)).toBe(false);
    expect(isOvertaken(version('0.1.9', own('2', '2026-11-20')), older)).toBe(false);
    expect(isOvertaken(version('0.2.0', own('1')), 'genai-prices@0.1.9+farthing@2026-11-20')).toBe(true);
    expect(isOvertaken('genai-prices@0.1.8+farthing@2026-11-22', older)).toBe(false);
  });
});
