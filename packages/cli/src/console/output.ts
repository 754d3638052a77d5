/** What the commands print: results on stdout, everything about the run on stderr; `--json` is one JSON value. */
import { styleText } from 'node:util';
import Table from 'cli-table3';

/** Exit codes of every command. */
export const EXIT = {
  ok: 0,
  /** The command failed, or `doctor` found something wrong. */
  failed: 1,
  /** `import`: some lines were rejected, all others are stored. */
  someRejected: 2,
  /** The command line itself is wrong. */
  usage: 64,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A failure that is printed in one line, without a stack. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;
  constructor(message: string, exitCode: ExitCode = EXIT.failed, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

export interface Output {
  /** Prints `data` as JSON, or what `text` makes of it for people. */
  result(data: unknown, text: () => string): void;
  /** A remark about the run, on stderr; nothing with `--json`. */
  note(text: string): void;
}

export function createOutput(options: { readonly json: boolean }): Output {
  return {
    result: (data, text) => {
      process.stdout.write(`${options.json ? JSON.stringify(data) : text()}\n`);
    },
    note: (text) => {
      if (!options.json) process.stderr.write(`${text}\n`);
    },
  };
}

/** A plain table; columns are separated by two spaces, so that it can be piped into other tools. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const drawn = new Table({
    head: head.map((title) => paint('bold', title)),
    chars: Object.fromEntries(
      ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
        .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'])
        .map((part) => [part, ''])
        .concat([['middle', '  ']]),
    ),
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  });
  drawn.push(...rows.map((row) => [...row]));
  return drawn.toString();
}

/** Colours text where stdout is a terminal and NO_COLOR is not set (`styleText` heeds both). */
export function paint(format: 'bold' | 'green' | 'red' | 'yellow' | 'dim', text: string): string {
  return styleText(format, text, { stream: process.stdout });
}
