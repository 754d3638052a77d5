/** What the client sends is priced like what the provider sent: the reduction loses nothing a price depends on. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExtractedUsage, JsonObject } from '@farthing/pricing';
import {
  billingBody,
  ExtractError,
  type ExtractHint,
  extractBody,
  openFold,
  openStream,
} from '@farthing/pricing/extract';
import { describe, expect, test } from 'vitest';
import { type BillableCall, billableCall } from './billable-call.ts';

interface Line {
  readonly id: string;
  readonly provider: string;
  readonly surface: string;
  readonly format: string;
  readonly url: string | null;
  readonly api?: string;
  readonly body?: unknown;
  readonly stream?: string;
}

const folder = process.env['FARTHING_FIXTURES'];
const FILES = ['A-genai-prices.ndjson', 'B-vercel-ai.ndjson', 'E-openllmetry.ndjson', 'no-usage.ndjson'];
const SURFACES: Readonly<Record<string, string>> = {
  chat: '/v1/chat/completions',
  responses: '/v1/responses',
  embeddings: '/v1/embeddings',
  messages: '/v1/messages',
};

/** Recorded responses of the forms the tracked clients speak. */
function lines(): { line: Line; call: BillableCall }[] {
  if (folder === undefined) return [];
  return FILES.map((file) => join(folder, file))
    .filter((file) => existsSync(file))
    .flatMap((file) => readFileSync(file, 'utf8').split('\n').filter(Boolean))
    .map((text) => JSON.parse(text) as Line)
    .flatMap((line) => {
      const path = line.api === undefined ? SURFACES[line.surface] : undefined;
      if (path === undefined) return [];
      const kind = line.surface === 'messages' ? 'anthropic' : 'openai';
      const call = billableCall(new URL(`https://example.test${path}`), 'POST', kind, line.provider);
      return call === undefined ? [] : [{ line, call }];
    });
}

/** What a price depends on. Where a stream has no usage the client knows more than the reading: its model and id. */
function priced(usage: ExtractedUsage): unknown {
  const { provider, operation, segments, rawUsage, reportedCost, source } = usage;
  if (source === 'none') return { provider, operation, segments, rawUsage };
  const { model, responseId, createdAt, tier, speed } = usage;
  return { provider, operation, segments, rawUsage, reportedCost, model, responseId, createdAt, tier, speed };
}

/** The reading, or nothing where the body is of a form the tracked clients do not get. */
function reading(read: () => ExtractedUsage): ExtractedUsage | undefined {
  try {
    const usage = read();
    return /^(openai|anthropic)\./.test(usage.convention) ? usage : undefined;
  } catch (error) {
    if (error instanceof ExtractError) return undefined;
    throw error;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hintOf(line: Line, call: BillableCall): ExtractHint {
  return { provider: line.provider, surface: line.surface, operation: call.operation as 'chat' };
}

function extracted(body: JsonObject, hint: ExtractHint): ExtractedUsage {
  return extractBody(JSON.parse(JSON.stringify(body)), hint);
}

function folded(line: Line, call: BillableCall, split: number): JsonObject {
  const fold = openFold(hintOf(line, call), call.surface.stream);
  const bytes = new TextEncoder().encode(line.stream);
  for (let at = 0; at < bytes.length; at += split) fold.push(bytes.subarray(at, at + split));
  return billingBody(fold.end().body ?? {});
}

describe.skipIf(folder === undefined)('recorded responses (FARTHING_FIXTURES)', () => {
  test('a whole body reduced is read as the body itself', () => {
    const cases = lines().filter(({ line }) => line.format === 'json' && isObject(line.body));
    let compared = 0;
    for (const { line, call } of cases) {
      const hint = hintOf(line, call);
      const body = line.body as JsonObject;
      const whole = reading(() => extracted(body, hint));
      if (whole === undefined) continue;
      compared += 1;
      expect(priced(extracted(billingBody(body), hint)), line.id).toEqual(priced(whole));
    }
    expect(compared).toBeGreaterThan(400);
  });

  test('a stream folded and reduced is read as the stream itself, split anywhere', () => {
    let compared = 0;
    for (const { line, call } of lines().filter(({ line }) => line.format === 'sse')) {
      const hint = hintOf(line, call);
      const stream = openStream(hint);
      stream.push(line.stream ?? '');
      const whole = reading(() => stream.end('complete'));
      if (whole === undefined) continue;
      compared += 1;
      expect(priced(extracted(folded(line, call, 1 << 20), hint)), line.id).toEqual(priced(whole));
      expect(folded(line, call, 13), line.id).toEqual(folded(line, call, 1 << 20));
    }
    expect(compared).toBeGreaterThan(50);
  });

  test('a stream cut anywhere is counted as the stream reader counts it', () => {
    let compared = 0;
    for (const { line, call } of lines().filter(({ line }) => line.format === 'sse')) {
      for (const share of [0.2, 0.5, 0.8, 0.97]) {
        const cut = { ...line, stream: line.stream?.slice(0, Math.floor(line.stream.length * share)) ?? '' };
        const hint = hintOf(line, call);
        const stream = openStream(hint);
        stream.push(cut.stream);
        const partial = reading(() => stream.end('aborted'));
        if (partial === undefined) continue;
        compared += 1;
        const body = folded(cut, call, 1 << 20);
        expect(extracted(body, hint).segments, `${line.id} at ${share}`).toEqual(partial.segments);
      }
    }
    expect(compared).toBeGreaterThan(200);
  });
});
