import { PassThrough, Writable } from 'node:stream';
import { createPriceBook } from '@farthing/pricing';
import { priceLine } from '@farthing/pricing/extract';
import { openLineTokenEstimator } from '@farthing/server';
import { describe, expect, it } from 'vitest';
import { priceLines } from './price-lines.ts';
import { asText } from './print-line.ts';

const NOW = Date.UTC(2026, 0, 1);
const book = createPriceBook({
  version: 'test',
  sources: [{ table: 'test', version: '1', date: '2026-01-01' }],
  providers: [
    {
      id: 'openai',
      models: [
        {
          id: 'gpt-test',
          match: { equals: 'gpt-test' },
          cards: [
            {
              id: 'card',
              source: 0,
              rates: { input_uncached: '2.5', input_cache_read: '1.25', output_text: '10' },
            },
          ],
        },
      ],
    },
  ],
});
const body = {
  object: 'response',
  model: 'gpt-test',
  output: [] as unknown[],
  usage: {
    input_tokens: 1000,
    output_tokens: 50,
    total_tokens: 1050,
    input_tokens_details: { cached_tokens: 400 },
  },
};
const line = (fields: object) =>
  JSON.stringify({ id: 'a', provider: 'openai', format: 'json', body, ...fields });
const price = (text: string, number = 1) => priceLine(text, number, { book, now: NOW });

describe('a priced line', () => {
  it('shows disjoint quantities, derived totals and exact amounts that sum to the cost', () => {
    expect(price(line({}))).toEqual({
      id: 'a',
      ok: true,
      provider: 'openai',
      model: 'gpt-test',
      operation: 'responses',
      quantities: { input_uncached: 600, input_cache_read: 400, output_text: 50 },
      input_tokens: 1000,
      output_tokens: 50,
      cost_usd: '0.0025',
      priced_subtotal_usd: '0.0025',
      lines: [
        { meter: 'input_uncached', quantity: 600, rate: '2.5', per: 1_000_000, amount_usd: '0.0015' },
        { meter: 'input_cache_read', quantity: 400, rate: '1.25', per: 1_000_000, amount_usd: '0.0005' },
        { meter: 'output_text', quantity: 50, rate: '10', per: 1_000_000, amount_usd: '0.0005' },
      ],
      unpriced: [],
      charged_usd: '0.0025',
      reported_cost_usd: null,
      source: 'reported',
      anomalies: [],
    });
  });

  it('has no cost where a meter has no price, and names the meter', () => {
    const searched = { ...body, output: [{ type: 'web_search_call', id: 'x' }] };
    expect(price(line({ body: searched }))).toMatchObject({
      cost_usd: null,
      priced_subtotal_usd: '0.0025',
      unpriced: ['web_searches'],
    });
  });

  it('names the usage as unpriced where a successful response carried none', () => {
    expect(price(line({ body: { ...body, usage: null } }))).toMatchObject({
      cost_usd: null,
      unpriced: ['usage'],
      source: 'none',
    });
  });

  it('costs nothing where the call failed or was billed before', () => {
    const nothing = { ok: true, cost_usd: '0', unpriced: [], source: 'none', quantities: {} };
    expect(price(line({ status: 429, body: { error: {} } }))).toMatchObject(nothing);
    const again = { method: 'GET', url: 'https://api.openai.com/v1/responses/resp_1' };
    expect(price(line(again))).toMatchObject(nothing);
  });
});

describe('a line that cannot be priced', () => {
  it('is answered with its number', () => {
    const error = (text: string) => price(text, 7);
    expect(error('{x')).toEqual({
      id: null,
      ok: false,
      error: { code: 'invalid_json', message: 'line 7 is not valid JSON' },
    });
    expect(error('[1]')).toMatchObject({ id: null, ok: false, error: { code: 'invalid_event' } });
    expect(error(line({ provider: 'acme' }))).toMatchObject({
      id: 'a',
      ok: false,
      error: { code: 'unknown_provider', message: expect.stringContaining('line 7') },
    });
  });
});

describe('a source of lines', () => {
  async function* source(...parts: string[]) {
    for (const part of parts) yield Buffer.from(part);
  }

  it('is answered line by line, whatever the split; a bad line stops nothing', async () => {
    const out = new PassThrough();
    const text = `${line({ id: '1' })}\n\n{broken\r\n${line({ id: '2' })}`;
    const middle = Math.floor(text.length / 3);
    await priceLines(source(text.slice(0, middle), text.slice(middle)), out, { book, now: () => NOW });
    const answers = String(out.read())
      .trim()
      .split('\n')
      .map((answer) => JSON.parse(answer));
    expect(answers.map(({ id, ok }) => [id, ok])).toEqual([
      ['1', true],
      [null, false],
      ['2', true],
    ]);
    expect(answers[1].error.message).toContain('line 3');
  });

  it('is read no faster than the output is taken', async () => {
    let waiting = 0;
    let most = 0;
    const slow = new Writable({
      highWaterMark: 1,
      write(_chunk, _encoding, done) {
        setImmediate(() => {
          waiting -= 1;
          done();
        });
      },
    });
    async function* counted() {
      for (let index = 0; index < 50; index++) {
        waiting += 1;
        most = Math.max(most, waiting);
        yield Buffer.from(`${line({})}\n`);
      }
    }
    await priceLines(counted(), slow, { book, now: () => NOW });
    expect(most).toBeLessThanOrEqual(2);
  });
});

describe('the explanation of lines, for people', () => {
  async function printed(lines: readonly string[]): Promise<string> {
    const out = new PassThrough();
    const source = (async function* () {
      yield Buffer.from(lines.join('\n'));
    })();
    await priceLines(source, out, { book, now: () => NOW, explain: true }, asText);
    return String(out.read());
  }

  it('is a table per line with usage, lines, total, card and book; a line that cannot be read says why', async () => {
    const text = await printed([line({ id: 'call-1' }), 'nothing']);
    expect(text).toMatch(/^# call-1\nopenai gpt-test · 2026-01-01T00:00:00/);
    for (const part of ['"input_tokens":1000', '600', '$2.5 / 1,000,000', '$0.0015', 'total $0.0025'])
      expect(text).toContain(part);
    for (const part of ['card card: openai gpt-test', 'test 1 of 2026-01-01', 'price book test'])
      expect(text).toContain(part);
    expect(text).toContain('# (no id)\nnot read: line 2 is not valid JSON (invalid_json)\n');
    expect(text).not.toContain('{"id"');
  });

  it('says what the provider stated where that is charged', async () => {
    const stated = { ...body, usage: { ...body.usage, cost: 0.5 } };
    const text = await printed([line({ provider: 'openrouter', body: stated })]);
    expect(text).toContain('stated by the provider: $0.5');
    expect(text).toContain('charged: $0.5\n');
  });

  it('steers no terminal', async () => {
    const text = await printed([line({ id: 'a\u001b[2J', body: { ...body, model: 'x\u001b]0;b\u0007' } })]);
    expect(text.replaceAll('\n', '')).toMatch(/^\P{Cc}+$/u);
  });
});

describe('a line without usage', () => {
  const silent = JSON.stringify({
    id: '1',
    provider: 'openai',
    surface: 'chat',
    format: 'json',
    request: { model: 'gpt-test', messages: [{ role: 'user', content: 'hi there' }] },
    body: { model: 'gpt-test', choices: [{ message: { content: 'hello you' } }] },
  });

  it('is unpriced, and priced by an estimate only where that is asked for', async () => {
    expect(priceLine(silent, 1, { book, now: NOW })).toMatchObject({
      source: 'none',
      cost_usd: null,
      unpriced: ['usage'],
    });
    const estimate = await openLineTokenEstimator();
    expect(priceLine(silent, 1, { book, now: NOW, estimate })).toMatchObject({
      source: 'estimated',
      quantities: { input_uncached: 9, output_text: 2 },
      cost_usd: '0.0000425',
      anomalies: [{ code: 'estimated_usage' }],
    });
  });
});
