/**
 * Recorded responses of real services. They are not part of this repository: FARTHING_FIXTURES names the folder
 * with the NDJSON suites; without it these tests are skipped.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JsonObject, Quantities } from '../index.ts';
import type { Meter } from '../meters.ts';
import { mergeSegments, tokenTotals } from '../quantities.ts';
import { parseJson, type ResponseReading, readResponseLine } from './index.ts';

const folder = process.env['FARTHING_FIXTURES'];
const present = folder !== undefined && existsSync(folder);
if (!present) console.log('skipped: FARTHING_FIXTURES names no folder with recorded responses');

const NOW = Date.UTC(2026, 0, 1);

interface Line extends JsonObject {
  readonly id: string;
  readonly provider: string;
  readonly surface: string;
}

function lines(suite: string): Line[] {
  if (!present) return [];
  const text = readFileSync(join(folder, `${suite}.ndjson`), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => parseJson(line) as Line);
}

/** Rows in which the other implementation counts otherwise, and why the arithmetic of the body is followed. */
const EXPLAINED: { readonly [id: string]: string } = {
  'A/d40d75ca32b0': 'the top level leaves out the compaction run listed in iterations (D10)',
  'A/90b2b20bcfd3': 'the top level leaves out the compaction run listed in iterations (D10)',
  'A/d03151324e11': 'total 109 is more than 35 + 12: hidden thinking is output',
  'B/90b7cc75fc05':
    'xAI chat: total = prompt + completion + reasoning, so reasoning is output beside completion',
  'B/d859c0183860':
    'xAI chat: total = prompt + completion + reasoning, so reasoning is output beside completion',
  'B/7d5dc18118d8':
    'xAI chat: total = prompt + completion + reasoning, so reasoning is output beside completion',
};

const OPENAI_FAMILY = new Set(['chat', 'responses', 'embeddings', 'messages']);
const NATIVE = new Set(['google', 'vertex', 'cohere', 'ollama', 'bedrock', 'watsonx', 'huggingface']);

function read(line: Line): ResponseReading {
  return readResponseLine(line, NOW);
}

describe.skipIf(!present)('recorded responses', () => {
  const suites = ['A-genai-prices', 'B-vercel-ai', 'D-provider-cost', 'E-openllmetry', 'no-usage'];
  const all = suites.flatMap(lines);

  it('every OpenAI and Anthropic line is read without a throw', () => {
    const ours = all.filter((line) => ['openai', 'anthropic'].includes(line.provider));
    for (const line of ours) expect(() => read(line), line.id).not.toThrow();
    console.log(`read ${ours.length} OpenAI and Anthropic lines`);
    expect(ours.length).toBeGreaterThanOrEqual(622);
  });

  it('every line of the same forms from other providers is read without a throw', () => {
    const others = all.filter((line) => OPENAI_FAMILY.has(line.surface) && !NATIVE.has(line.provider));
    for (const line of others) expect(() => read(line), line.id).not.toThrow();
    console.log(`read ${others.length} lines of these forms from all providers`);
    expect(others.length).toBeGreaterThanOrEqual(828);
  });

  it('lines without usage have none', () => {
    for (const line of lines('no-usage')) {
      if (NATIVE.has(line.provider)) continue;
      expect(read(line).usage, line.id).toMatchObject({ source: 'none', segments: [] });
    }
  });

  it('the classes sum to the totals of the provider, or an anomaly says why not', () => {
    for (const line of all) {
      if (!OPENAI_FAMILY.has(line.surface) || NATIVE.has(line.provider)) continue;
      const { usage } = read(line);
      const raw = usage.rawUsage as JsonObject | null;
      const total = raw?.['total_tokens'];
      if (typeof total !== 'number' || usage.anomalies.length > 0) continue;
      const { input, output } = tokenTotals(mergeSegments(usage.segments));
      expect(input + output, line.id).toBe(total);
    }
  });

  it('usage agrees with another implementation (suite A), or the difference is explained', () => {
    const table: { [provider: string]: { rows: number; agree: number } } = {};
    for (const line of lines('A-genai-prices')) {
      if (line['expect_host'] !== true || !OPENAI_FAMILY.has(line.surface)) continue;
      if (NATIVE.has(line.provider) && line.provider !== 'google' && line.provider !== 'huggingface')
        continue;
      if (line.provider === 'google' && line.surface !== 'chat') continue;
      const expected = line['expect'] as unknown as { extracted: { usage: { [key: string]: number } }[] };
      const quantities = mergeSegments(read(line).usage.segments);
      const differs = differences(expected.extracted[0]?.usage ?? {}, quantities);
      const row = table[line.provider] ?? { rows: 0, agree: 0 };
      table[line.provider] = row;
      row.rows += 1;
      if (differs.length === 0) row.agree += 1;
      else expect(EXPLAINED[line.id], `${line.id}: ${differs.join(', ')}`).toBeDefined();
    }
    console.table(table);
    const sum = (key: 'rows' | 'agree') => Object.values(table).reduce((all, row) => all + row[key], 0);
    expect(sum('agree') / sum('rows')).toBeGreaterThanOrEqual(0.99);
  });

  it('usage agrees with the expectations of suite B, or the difference is explained', () => {
    for (const line of lines('B-vercel-ai')) {
      const expected = line['expect'] as Expectation | undefined;
      if (expected === undefined || NATIVE.has(line.provider) || !OPENAI_FAMILY.has(line.surface)) continue;
      const totals = tokenTotals(mergeSegments(read(line).usage.segments));
      const pairs: readonly (readonly [string, number | null | undefined, number])[] = [
        ['input', expected.inputTokens?.total, totals.input],
        ['cache read', expected.inputTokens?.cacheRead, totals.cacheRead],
        ['cache write', expected.inputTokens?.cacheWrite, totals.cacheWrite],
        ['output', expected.outputTokens?.total, totals.output],
        ['reasoning', expected.outputTokens?.reasoning, totals.reasoning],
      ];
      for (const [name, theirs, ours] of pairs) {
        if (theirs === null || theirs === undefined || theirs === ours) continue;
        expect(EXPLAINED[line.id], `${line.id}: ${name} ${theirs}, ours ${ours}`).toBeDefined();
      }
    }
  });

  it('the cost a provider stated keeps its digits (suite D)', () => {
    for (const line of lines('D-provider-cost')) {
      const stated = line['reported_cost'] as JsonObject | undefined;
      expect(read(line).usage.reportedCost?.usd, line.id).toBe(stated?.['usd']);
    }
  });
});

interface Expectation {
  readonly inputTokens?: { total?: number | null; cacheRead?: number | null; cacheWrite?: number | null };
  readonly outputTokens?: { total?: number | null; reasoning?: number | null };
}

function differences(theirs: { readonly [key: string]: number }, quantities: Quantities): string[] {
  const totals = tokenTotals(quantities);
  const of = (meter: Meter) => quantities[meter] ?? 0;
  const ours: { readonly [key: string]: number } = {
    input_tokens: totals.input,
    output_tokens: totals.output,
    cache_read_tokens: totals.cacheRead,
    cache_write_tokens: totals.cacheWrite,
    cache_write_5m_tokens: of('input_cache_write_5m'),
    cache_write_1h_tokens: of('input_cache_write_1h'),
    input_audio_tokens: of('input_audio'),
    output_audio_tokens: of('output_audio'),
    output_reasoning_tokens: totals.reasoning,
    web_searches: of('web_searches'),
  };
  return Object.entries(theirs)
    .filter(([key, value]) => ours[key] !== value)
    .map(([key, value]) => `${key} ${value}, ours ${ours[key]}`);
}
