/** Coverage and agreement per suite and provider, as one table. */

import { rate } from '@farthing/pricing';
import { book } from '@farthing/pricing/book';
import { ratingRequest } from '@farthing/pricing/extract';
import { differences } from './agreement.ts';
import { compareBill } from './bills.ts';
import { EXPLAINED_USAGE } from './explained.ts';
import { type RecordedLine, readRecorded, recordedLines, SUITE_NAMES, type SuiteName } from './suites.ts';

export interface SurveyRow {
  readonly suite: SuiteName;
  readonly provider: string;
  readonly lines: number;
  /** Read without an error. */
  parsed: number;
  /** Of those, with quantities. */
  withUsage: number;
  /** Lines that someone else's counts, or the provider's bill, can be held against. */
  compared: number;
  agreeing: number;
  explained: number;
  /** Read, and without a price. */
  unpriced: number;
  readonly failures: string[];
}

/** Reads every line of every suite. */
export function survey(): readonly SurveyRow[] {
  return SUITE_NAMES.flatMap((suite) => {
    const rows = new Map<string, { row: SurveyRow; lines: RecordedLine[] }>();
    for (const line of recordedLines(suite)) {
      const known = rows.get(line.provider);
      if (known === undefined)
        rows.set(line.provider, { row: emptyRow(suite, line.provider), lines: [line] });
      else known.lines.push(line);
    }
    return [...rows.values()].map(({ row, lines }) => {
      for (const line of lines) count(row, line);
      return { ...row, lines: lines.length };
    });
  });
}

function emptyRow(suite: SuiteName, provider: string): SurveyRow {
  return {
    suite,
    provider,
    lines: 0,
    parsed: 0,
    withUsage: 0,
    compared: 0,
    agreeing: 0,
    explained: 0,
    unpriced: 0,
    failures: [],
  };
}

function count(row: SurveyRow, line: RecordedLine): void {
  try {
    const reading = readRecorded(line);
    row.parsed += 1;
    if (reading.usage.segments.length > 0) row.withUsage += 1;
    if (rate(book, ratingRequest(reading)).totalPicos === null) row.unpriced += 1;
  } catch (error) {
    row.failures.push(`${line.id}: ${String(error)}`);
    return;
  }
  if (row.suite === 'D') {
    const { verdict } = compareBill(line);
    row.compared += 1;
    if (verdict === 'equal') row.agreeing += 1;
    else if (verdict === 'different') row.failures.push(`${line.id}: the bill is another`);
    else row.explained += 1;
    return;
  }
  const differs = differences(row.suite, line);
  if (differs === null) return;
  row.compared += 1;
  if (differs.length === 0) row.agreeing += 1;
  else if (EXPLAINED_USAGE[line.id] === undefined) row.failures.push(`${line.id}: ${differs.join(', ')}`);
  else row.explained += 1;
}

/** The same per suite, as docs/accuracy.md prints it. */
export function suiteTotals(rows: readonly SurveyRow[]) {
  return SUITE_NAMES.map((suite) => {
    const own = rows.filter((row) => row.suite === suite);
    const sum = (key: 'lines' | 'parsed' | 'compared' | 'agreeing' | 'explained' | 'unpriced') =>
      own.reduce((all, row) => all + row[key], 0);
    return {
      suite,
      lines: sum('lines'),
      read: sum('parsed'),
      compared: sum('compared'),
      equal: sum('agreeing'),
      explained: sum('explained'),
      unexplained: own.reduce((all, row) => all + row.failures.length, 0),
      unpriced: sum('unpriced'),
    };
  });
}
