/** `farthing prices import` and `diff`: a table of prices from a file, or from the npm package that is installed. */
import { readFile } from 'node:fs/promises';
import { type ImportedPricesAnswer, importedPricesAnswer } from '@farthing/contract';
import type { Command } from 'commander';
import { askServer } from '../../access/ask-server.ts';
import { type Remote, remote } from '../../access/remote.ts';
import { run } from '../../console/command.ts';
import { CliError, type Output, table } from '../../console/output.ts';
import { changesText, confirmed, withDoubts, withYes, type YesOptions } from './changes-text.ts';
import { refresh } from './refresh.ts';

export interface FileOptions extends Remote, YesOptions {
  readonly format: string;
  readonly table?: string;
  readonly from?: string;
}

/** Adds what says how a file is to be read. */
export function withFileOptions(made: Command): Command {
  return made
    .option('--format <format>', 'farthing (as COST_PRICING_OVERRIDES) or litellm', 'farthing')
    .option('--table <name>', 'name of the table: what vanishes from it later is found')
    .option('--from <time>', 'from when its prices hold, RFC 3339');
}

export function importPricesCommand(): Command {
  const made = remote('import', 'import a table of prices').argument('<file>', 'JSON file');
  return withYes(withFileOptions(made)).action((file: string, options: FileOptions) =>
    run<FileOptions>(async (given, output) => importPriceFile(file, given, output, false))(options),
  );
}

export function diffCommand(): Command {
  const what = 'show what the installed npm package of prices, or a table, would change';
  const made = remote('diff', what).argument('[file]', 'JSON file; nothing = the npm package');
  return withFileOptions(made).action((file: string | undefined, options: FileOptions) =>
    run<FileOptions>(async (given, output) =>
      file === undefined ? refresh(given, output, true) : importPriceFile(file, given, output, true),
    )(options),
  );
}

/** Sends a file; with `dry` nothing is changed. */
export async function importPriceFile(
  file: string,
  options: FileOptions,
  output: Output,
  dry: boolean,
): Promise<undefined> {
  const { format, table: name, from } = options;
  const how = { dry_run: dry, confirm: confirmed(options) };
  const body = { format, table: name, from, data: await readJson(file), ...how };
  const path = '/api/admin/prices/import';
  const imported = await withDoubts(options, output, () =>
    askServer(options, importedPricesAnswer, 'POST', path, body),
  );
  output.result(imported, () => importText(imported));
  return undefined;
}

function importText({
  read,
  version,
  added,
  removed,
  doubtful,
  changes,
  skipped,
}: ImportedPricesAnswer): string {
  const rows = skipped.map((one) => [one.field, String(one.models), one.reason, one.examples.join(', ')]);
  const left = rows.length === 0 ? [] : [table(['not read', 'models', 'because', 'such as'], rows), ''];
  const stored = version === null ? '' : `; version ${version}`;
  const counts = `${read} read, ${added} added, ${removed} taken back, ${doubtful} need a yes${stored}`;
  return [...left, changesText(changes), counts].join('\n');
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new CliError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
