import { type JsonObject, mergeSegments, tokenTotals } from '@farthing/pricing';
import { openStream } from '@farthing/pricing/extract';
import { describe, expect, it } from 'vitest';
import { differences } from './agreement.ts';
import { compareBill } from './bills.ts';
import { COVERED, UNPRICED } from './covered.ts';
import { EXPLAINED_BILLS, EXPLAINED_USAGE } from './explained.ts';
import { readRecorded, recordedFolder, recordedLines, SUITE_NAMES, type SuiteName } from './suites.ts';
import { survey } from './survey.ts';

const present = recordedFolder() !== null;
if (!present) console.log('skipped: FARTHING_FIXTURES names no folder with recorded responses');

const TOTALS = ['total_tokens', 'totalTokens', 'totalTokenCount'];

describe.skipIf(!present)('recorded responses', () => {
  const rows = survey();
  const all = SUITE_NAMES.flatMap(recordedLines);

  it('every line is read, and every difference from others is explained', () => {
    console.table(rows.map(({ failures, ...row }) => ({ ...row, unexplained: failures.length })));
    expect(rows.flatMap((row) => row.failures)).toEqual([]);
    expect(all.length).toBe(rows.reduce((sum, row) => sum + row.parsed, 0));
  });

  it('coverage and agreement never shrink', () => {
    for (const [suite, providers] of Object.entries(COVERED)) {
      for (const [provider, least] of Object.entries(providers)) {
        const row = rows.find((one) => one.suite === suite && one.provider === provider);
        const now = [row?.parsed ?? 0, row?.withUsage ?? 0, row?.agreeing ?? 0];
        for (const [index, count] of least.entries()) {
          expect(now[index], `${suite} ${provider}`).toBeGreaterThanOrEqual(count);
        }
      }
    }
  });

  it('usage of suite A agrees on at least 99.5 % of the rows whose host is known', () => {
    const rowsOfA = rows.filter((row) => row.suite === 'A');
    const sum = (key: 'compared' | 'agreeing') => rowsOfA.reduce((all, row) => all + row[key], 0);
    console.log(`suite A: ${sum('agreeing')} of ${sum('compared')} rows agree`);
    expect(sum('agreeing') / sum('compared')).toBeGreaterThanOrEqual(0.995);
  });

  it('lines without usage have none, and the others have some', () => {
    const without = new Set(['B/cartesia', 'B/revai']);
    for (const line of recordedLines('none')) {
      expect(readRecorded(line).usage, line.id).toMatchObject({ source: 'none', segments: [] });
    }
    for (const row of rows) {
      if (row.suite === 'none' || without.has(`${row.suite}/${row.provider}`)) continue;
      expect(row.withUsage, `${row.suite} ${row.provider}`).toBeGreaterThan(0);
    }
  });

  it('the classes sum to the total of the provider, or an anomaly says why not', () => {
    let checked = 0;
    for (const line of all) {
      const { usage } = readRecorded(line);
      const raw = usage.rawUsage as JsonObject | null;
      const total = TOTALS.map((key) => raw?.[key]).find((value) => typeof value === 'number');
      if (total === undefined || usage.anomalies.length > 0) continue;
      const quantities = mergeSegments(usage.segments);
      if (quantities.audio_seconds_in !== undefined) continue;
      const { input, output } = tokenTotals(quantities);
      expect(input + output, line.id).toBe(total);
      checked += 1;
    }
    console.log(`${checked} totals hold`);
    expect(checked).toBeGreaterThanOrEqual(1050);
  });

  it('quantities are never negative, and whole where they count tokens', () => {
    for (const line of all) {
      for (const [meter, quantity] of Object.entries(mergeSegments(readRecorded(line).usage.segments))) {
        expect(quantity, `${line.id} ${meter}`).toBeGreaterThanOrEqual(0);
        if (!meter.startsWith('audio_seconds'))
          expect(Number.isInteger(quantity), `${line.id} ${meter}`).toBe(true);
      }
    }
  });

  it('our cost is the bill of the provider to the last digit, or the bill is rebuilt from its reason (suite D)', () => {
    const bills = recordedLines('D').map(compareBill);
    console.table(bills);
    expect(bills.filter(({ verdict }) => verdict === 'different')).toEqual([]);
    expect(bills.filter(({ verdict }) => verdict === 'equal').length).toBeGreaterThanOrEqual(30);
  });

  it('no explanation stands there that nothing needs', () => {
    const bills = recordedLines('D').map(compareBill);
    const needed = bills.filter(({ verdict }) => verdict !== 'equal').map(({ id }) => id);
    expect(Object.keys(EXPLAINED_BILLS).sort()).toEqual(needed.sort());
    const lines = (['A', 'B'] as const satisfies readonly SuiteName[]).flatMap((suite) =>
      recordedLines(suite).filter((line) => (differences(suite, line) ?? []).length > 0),
    );
    expect(Object.keys(EXPLAINED_USAGE).sort()).toEqual(lines.map(({ id }) => id).sort());
  });

  it('what has no price does not grow', () => {
    for (const [suite, most] of Object.entries(UNPRICED)) {
      const unpriced = rows.filter((row) => row.suite === suite).reduce((sum, row) => sum + row.unpriced, 0);
      expect(unpriced, suite).toBeLessThanOrEqual(most);
    }
  });

  it('a stated cost keeps its digits (suite D)', () => {
    for (const line of recordedLines('D')) {
      const stated = line['reported_cost'] as JsonObject | undefined;
      expect(readRecorded(line).usage.reportedCost?.usd, line.id).toBe(stated?.['usd']);
    }
  });

  it('every recorded stream reads the same in pieces of any size', () => {
    let streams = 0;
    for (const line of (['B', 'E'] as const satisfies readonly SuiteName[]).flatMap(recordedLines)) {
      const bytes = bytesOf(line);
      if (bytes === null || bytes.length > 40_000) continue;
      streams += 1;
      const hint = hintOf(line);
      const whole = read([bytes], hint);
      for (const size of [1, 7, 100]) {
        const pieces: Uint8Array[] = [];
        for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
        expect(read(pieces, hint), `${line.id} in pieces of ${size}`).toEqual(whole);
      }
    }
    console.log(`${streams} recorded streams read in pieces`);
    expect(streams).toBeGreaterThanOrEqual(150);
  });
});

function bytesOf(line: JsonObject): Uint8Array | null {
  const { stream, stream_base64: base64 } = line;
  if (typeof base64 === 'string') return Buffer.from(base64, 'base64');
  return typeof stream === 'string' ? new TextEncoder().encode(stream) : null;
}

function hintOf(line: JsonObject) {
  const url = typeof line['url'] === 'string' ? { url: line['url'] } : {};
  return { provider: String(line['provider']), surface: String(line['surface']), ...url };
}

function read(pieces: readonly Uint8Array[], hint: ReturnType<typeof hintOf>) {
  const stream = openStream(hint);
  for (const piece of pieces) stream.push(piece);
  return stream.end('complete');
}
