/** Our cost beside what the provider itself says it charged, over recorded responses. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { book } from '../../packages/pricing/src/generated/book.ts';
import { priceLine } from '../../packages/pricing/src/lines/price-line.ts';
import { parseUsd } from '../../packages/pricing/src/money/money.ts';

const FOLDER = process.env['FARTHING_FIXTURES'];

/** Every line whose bill is another, and why. */
const REASONS: { readonly [id: string]: string } = {
  'D/f320706ded4a': 'OpenRouter’s server tools cost $0.015885 that stand in no count of the response',
  'D/abde674b4d25': 'OpenRouter’s server tools cost $0.01437 that stand in no count of the response',
  'D/2b5a4f2bae82': '$0.002 for annotating a file, which stands in no count of the response',
  'D/dd3e1e5bf44c':
    'OpenRouter routed to AtlasCloud, which asks 0.6 / 2.2; the table has another host’s price',
  'D/621b8e2ff396':
    'unpriced: a search costs $0.007 or $0.01 at OpenRouter, by the engine, which is not told',
  'D/0c6441fe94af':
    'unpriced: a search costs $0.007 or $0.01 at OpenRouter, by the engine, which is not told',
  'D/c10fd75298af': 'written by hand: 123456 ticks for tokens that cost 4,660,000',
  'D/810296b51fe3': 'written by hand: 123456 ticks for tokens that cost 4,660,000',
};

describe.skipIf(FOLDER === undefined)('provider bills (needs FARTHING_FIXTURES)', () => {
  test('are met to the last digit, but for lines with a written reason', () => {
    const text = readFileSync(join(FOLDER ?? '', 'D-provider-cost.ndjson'), 'utf8');
    const now = Date.parse('2026-11-22T12:00:00Z');
    const other: string[] = [];
    let met = 0;
    for (const [index, line] of text.trimEnd().split('\n').entries()) {
      const { id, reported_cost: bill } = JSON.parse(line) as { id: string; reported_cost: { usd: string } };
      const priced = priceLine(line, index + 1, { book, now });
      const cost = priced.ok ? priced.cost_usd : null;
      if (cost !== null && parseUsd(cost) === parseUsd(bill.usd)) met++;
      else other.push(id);
    }
    expect(other.sort()).toEqual(Object.keys(REASONS).sort());
    expect(met).toBe(30);
  });
});
