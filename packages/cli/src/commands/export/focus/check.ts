/** Holds a file against the rules of FOCUS 1.2 Cost and Usage, reading it once. */
import { pipeline, type Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { COLUMN_RULES } from './columns.ts';
import { ruleOf, unitFault, valueFault } from './formats.ts';
import { type CheckedMetadata, definitionFault, headerFaults, readMetadata } from './metadata.ts';
import type { FocusProblem } from './problem.ts';
import { type CheckedRow, ONE_FOR_EACH, ROW_RULES } from './row-rules.ts';

export interface FocusReport {
  /** Rows without the header. */
  readonly rows: number;
  readonly errors: number;
  readonly warnings: number;
  /** The first of them; never more than were asked for. */
  readonly problems: readonly FocusProblem[];
}

export interface FocusCheckOptions {
  /** Problems kept. Default 100. */
  readonly limit?: number;
  /** The metadata that came with the file, as JSON was read; it is checked too, and the file against it. */
  readonly metadata?: unknown;
}

/**
 * Checks a file of CSV: presence of columns, types, allowed values, empty cells, products of prices and quantities,
 * periods, units, pairs, and what columns say together. Nothing but counts and names is kept of it.
 *
 * @example const { errors, problems } = await checkFocus(createReadStream('focus.csv'));
 */
export async function checkFocus(
  file: Readable,
  { limit = 100, metadata }: FocusCheckOptions = {},
): Promise<FocusReport> {
  const checker = new Checker(limit, metadata === undefined ? null : readMetadata(metadata));
  // If the file breaks off, the rows before that have been checked.
  const onRecord = (record: string[]) => {
    checker.record(record);
    return null;
  };
  const records = parse({ bom: true, relax_column_count: true, on_record: onRecord });
  try {
    await finished(pipeline(file, records, () => undefined).resume());
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const message = `is not CSV as RFC 4180 has it: ${error.message}`;
    checker.problem({ column: '', severity: 'error', message });
  }
  return checker.report();
}

class Checker {
  readonly #limit: number;
  readonly #problems: FocusProblem[] = [];
  readonly #paired = ONE_FOR_EACH.map(() => new Map<string, string>());
  readonly #counts = { error: 0, warning: 0 };
  #header: readonly string[] | null = null;
  readonly #defined: CheckedMetadata['columns'];
  #row = 0;

  constructor(limit: number, metadata: CheckedMetadata | null) {
    this.#limit = limit;
    this.#defined = metadata?.columns ?? null;
    for (const { message, ...problem } of metadata?.problems ?? [])
      this.problem({ ...problem, message: `in the metadata: ${message}` });
  }

  record(cells: readonly string[]): void {
    this.#row += 1;
    if (this.#header === null) this.#checkHeader(cells);
    else this.#checkRow(cells, this.#header);
  }

  problem(problem: Omit<FocusProblem, 'row'>, row = this.#row): void {
    this.#counts[problem.severity] += 1;
    if (this.#problems.length < this.#limit) this.#problems.push({ row, ...problem });
  }

  report(): FocusReport {
    if (this.#row === 0 && this.#counts.error === 0) {
      this.problem({ column: '', severity: 'error', message: 'the file is empty' });
    }
    const { error: errors, warning: warnings } = this.#counts;
    return { rows: Math.max(0, this.#row - 1), errors, warnings, problems: this.#problems };
  }

  #checkHeader(names: readonly string[]): void {
    this.#header = names;
    const seen = new Set<string>();
    let custom = false;
    for (const name of names) {
      const fault = seen.has(name)
        ? 'stands twice'
        : ruleOf(name) === undefined && !name.startsWith('x_')
          ? 'is no column of FOCUS 1.2 and does not begin with x_'
          : null;
      if (fault !== null) this.problem({ column: name, severity: 'error', message: fault });
      else if (custom && ruleOf(name) !== undefined) {
        this.problem({
          column: name,
          severity: 'warning',
          message: 'stands after columns that are not of FOCUS',
        });
      }
      custom ||= name.startsWith('x_');
      seen.add(name);
    }
    if (this.#defined !== null) for (const fault of headerFaults(names, this.#defined)) this.problem(fault);
    for (const [name, { presence }] of Object.entries(COLUMN_RULES)) {
      if (seen.has(name) || presence === 'optional') continue;
      const severity = presence === 'recommended' ? 'warning' : 'error';
      this.problem({ column: name, severity, message: 'is missing' });
    }
  }

  #checkRow(cells: readonly string[], header: readonly string[]): void {
    if (cells.length !== header.length) {
      const message = `has ${cells.length} cells, the header has ${header.length}`;
      this.problem({ column: '', severity: 'error', message });
      return;
    }
    const values = new Map(header.map((name, index) => [name, cells[index] || null]));
    const bad = new Set<string>();
    for (const [name, value] of values) {
      if (this.#checkValue(name, value)) bad.add(name);
      else if (value !== null) this.#checkDefinition(name, value);
    }
    const row: CheckedRow = {
      get: (column) => values.get(column) ?? null,
      has: (column) => values.has(column),
    };
    for (const { columns, fault } of ROW_RULES) {
      // A value that is wrong by itself is reported once.
      if (columns.some((name) => !row.has(name) || bad.has(name))) continue;
      const message = fault(row);
      if (message !== null) this.problem({ column: columns[0], severity: 'error', message });
    }
    this.#checkPairs(row);
  }

  /** True where the value is no value of its column. */
  #checkValue(name: string, value: string | null): boolean {
    const rule = ruleOf(name);
    if (rule === undefined) return false;
    if (value === null) {
      if (rule.required === true) {
        this.problem({ column: name, severity: 'error', message: 'must not be empty' });
      } else if (name === 'ChargeDescription') {
        this.problem({ column: name, severity: 'warning', message: 'should not be empty' });
      }
      return rule.required === true;
    }
    const unit = rule.form === 'unit' ? unitFault(value) : null;
    if (unit !== null) this.problem({ column: name, severity: 'warning', message: unit });
    const message = valueFault(name, value, rule);
    if (message !== null) this.problem({ column: name, severity: 'error', message });
    return message !== null;
  }

  #checkDefinition(name: string, value: string): void {
    const column = this.#defined?.get(name);
    const message = column === undefined ? null : definitionFault(value, column);
    if (message !== null) this.problem({ column: name, severity: 'error', message });
  }

  #checkPairs(row: CheckedRow): void {
    ONE_FOR_EACH.forEach(([each, one], index) => {
      const [key, value] = [row.get(each), row.get(one) ?? ''];
      const known = this.#paired[index];
      if (key === null || known === undefined || !row.has(one)) return;
      const first = known.get(key) ?? value;
      known.set(key, first);
      if (first === value) return;
      const message = `goes with "${value.slice(0, 80)}" here and with "${first.slice(0, 80)}" before, in ${one}`;
      this.problem({ column: each, severity: 'error', message });
    });
  }
}
