import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { decide, ratioOf, rounds } from './decide.ts';
import { modeOf } from './facts.ts';
import { readLiteLlm } from './litellm.ts';
import { readPortkey } from './portkey.ts';

const folder = mkdtempSync(join(tmpdir(), 'farthing-tables-'));
afterAll(() => rmSync(folder, { recursive: true }));

const older = (usd: string) => ({ table: 'older', usd });
const newer = (usd: string) => ({ table: 'newer', usd });
const batch = { tier: 'batch', speed: 'standard', region: null } as const;

describe('a figure', () => {
  test('that tables agree upon is followed, rounded or not', () => {
    expect(decide([older('0.13'), newer('0.130')], '0.25', '0.5')).toMatchObject({
      usd: '0.130',
      reason: null,
    });
  });

  test('that is exactly the ratio of its mode is followed over a newer one', () => {
    expect(decide([older('12.5'), newer('10')], '5', '2.5')).toMatchObject({
      usd: '12.5',
      followed: ['older'],
    });
  });

  test('that rounds the ratio of its mode stands for the exact product', () => {
    expect(decide([newer('1.88')], '3.75', '0.5')).toMatchObject({ usd: '1.875' });
    expect(rounds('1.88', '1.875')).toBe(true);
    expect(rounds('1.875', '1.88')).toBe(false);
    expect(rounds('2', '1.875')).toBe(false);
  });

  test('that fits nothing is the newest table’s; none at all stays unknown', () => {
    expect(decide([older('3'), newer('4')], '5', '0.5')).toMatchObject({ usd: '4', followed: ['newer'] });
    expect(decide([], '5', '0.5').usd).toBeNull();
    expect(ratioOf('7', '5')).toBeNull();
  });
});

describe('tables', () => {
  test('state one price alike: dollars per token, and cents per token', () => {
    const lite = join(folder, 'lite.json');
    writeFileSync(
      lite,
      JSON.stringify({
        last_updated: 'text',
        'gpt-x': {
          litellm_provider: 'openai',
          mode: 'chat',
          input_cost_per_token: 1.25e-6,
          output_cost_per_token: 0.00001,
          input_cost_per_token_above_272k_tokens: 2.5e-6,
          input_cost_per_token_batches: 6.25e-7,
          cache_read_input_token_cost: 0,
          search_context_cost_per_query: { low: 0.03, high: 0.05 },
        },
      }),
    );
    mkdirSync(join(folder, 'portkey'));
    const price = (cents: number) => ({ price: cents });
    writeFileSync(
      join(folder, 'portkey', 'openai.json'),
      JSON.stringify({
        default: {},
        'gpt-x': {
          pricing_config: {
            pay_as_you_go: {
              request_token: price(0.000125),
              response_token: price(0.001),
              cache_write_input_token: price(0),
              additional_units: { file_search: price(0.25) },
            },
            batch_config: { request_token: price(0.0000625) },
          },
        },
      }),
    );
    const [one] = readLiteLlm(lite);
    const [other] = readPortkey(join(folder, 'portkey'));
    if (one === undefined || other === undefined) throw new Error('nothing read');
    expect(modeOf(one, batch)?.prices.input_uncached?.usd).toBe('0.625');
    expect(modeOf(other, batch)?.prices.input_uncached?.usd).toBe('0.625');
    expect(modeOf(one, { ...batch, tier: 'standard' })?.prices).toEqual({
      input_uncached: { usd: '1.25', above: { tokens: 272_000, usd: '2.5' } },
      output_text: { usd: '10' },
    });
    // A count of searches cannot be priced with a fee that depends on the size of the search context.
    expect(one.fees).toEqual({});
    expect(other.fees).toEqual({ file_searches: '2.5' });
  });
});
