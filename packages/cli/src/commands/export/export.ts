/** `farthing export`: events, sums and FOCUS charges as files; and whether a FOCUS file keeps the rules. */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { withoutTrailing } from '@farthing/pricing/extract';
import { Command, Option } from 'commander';
import { withServer } from '../../access/server-access.ts';
import { collectTag, run } from '../../console/command.ts';
import { CliError, EXIT, type Output } from '../../console/output.ts';
import { readCliEnv } from '../../env.ts';
import { checkFocus } from './focus/check.ts';
import type { FocusProblem } from './focus/problem.ts';
import { saveFile } from './save-file.ts';
import { saveMetadata } from './save-metadata.ts';

interface FileOptions {
  readonly out?: string;
  readonly url?: string;
  readonly tenant?: string;
  readonly from?: string;
  readonly to?: string;
  readonly timezone?: string;
  readonly format?: string;
  readonly exact?: true;
  readonly filter?: readonly string[];
  readonly tag?: Readonly<Record<string, string>>;
  readonly groupBy?: string;
  readonly bucket?: string;
  readonly measures?: string;
  readonly split?: string;
  readonly metadata?: string;
}

const HELP = `
Without --out the file goes to standard output. A file that breaks off is an error: --out is then left as it was.`;

export function exportCommand(): Command {
  return new Command('export')
    .description('events, sums and charges as files')
    .addHelpText('after', HELP)
    .addCommand(
      withTable(fileCommand('events', 'events, newest first, CSV or NDJSON')).action(save('events')),
    )
    .addCommand(
      withTable(fileCommand('costs', 'sums by bucket and group, CSV or NDJSON'))
        .option('--group-by <dimensions>', 'dimensions with commas between (default: model)')
        .addOption(
          new Option('--bucket <width>', 'rows of their own for each').choices([
            'hour',
            'day',
            'week',
            'month',
          ]),
        )
        .option('--measures <names>', 'what is summed, with commas between (default: all but the latency)')
        .action(save('costs')),
    )
    .addCommand(
      fileCommand('focus', 'charges by UTC day as FOCUS 1.2 Cost and Usage, CSV')
        .option('--split <names>', 'rows of their own for user, workflow')
        .option('--metadata <file>', 'write who made the file, and its schema, to this one (JSON)')
        .action(save('focus')),
    )
    .addCommand(checkCommand());
}

function fileCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--out <file>', 'write to this file')
    .option('--tenant <id>', 'only this tenant; an administrator gets all without it')
    .option('--from <time>', 'the first day, or a time (default: this month)')
    .option('--to <time>', 'the last day, or a time before which (default: today)')
    .option('--exact', 'CSV for programs: texts that a spreadsheet would calculate stay as they are')
    .option('--url <url>', 'a server elsewhere; its key in FARTHING_API_KEY');
}

function withTable(command: Command): Command {
  return command
    .addOption(new Option('--format <form>', 'form of the file').choices(['csv', 'ndjson']).default('csv'))
    .option('--timezone <zone>', 'zone of days and buckets (default: the reporting zone)')
    .option('--filter <name=value>', 'only these: model=gpt-5.2 (repeatable)', collect, [])
    .option('--tag <key=value>', 'only those with this tag (repeatable)', collectTag, {});
}

const collect = (text: string, all: readonly string[]): string[] => {
  if (text.indexOf('=') < 1) throw new CliError(`"${text}" is not of the form name=value.`, EXIT.usage);
  return [...all, text];
};

/** Asks the server of the command line's choice, and keeps what it sends. */
const save = (what: 'events' | 'costs' | 'focus') => async (options: FileOptions) => {
  const { url, apiKey } = readCliEnv();
  const given = options.url ?? url;
  const remote = { url: given === undefined || given === null ? null : withoutTrailing(given, '/'), apiKey };
  await withServer(remote, async (target) => {
    const { bytes, unpriced, keptFrom } = await saveFile(
      { url: `${target.url}/api/exports/${what}?${parametersOf(options)}`, key: target.key },
      options.out ?? null,
    );
    if (options.metadata !== undefined) {
      const from = { url: `${target.url}/api/exports/focus/metadata`, key: target.key };
      await saveMetadata(from, options.metadata, options.out);
    }
    if (options.out !== undefined) process.stderr.write(`${options.out}: ${bytes} bytes\n`);
    if (keptFrom !== null) {
      process.stderr.write(
        `begins with ${keptFrom}: single events before it are not kept any more; see docs/exports.md\n`,
      );
    }
    if (unpriced > 0) {
      process.stderr.write(`${unpriced} calls without a price have no rows; see docs/exports.md\n`);
    }
  });
};

function parametersOf(options: FileOptions): URLSearchParams {
  const { tenant, from, to, timezone, format, groupBy, bucket, measures, split } = options;
  const named = { tenant, from, to, timezone, format, group_by: groupBy, bucket, measures, split };
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(named)) if (value !== undefined) parameters.set(name, value);
  if (options.exact) parameters.set('text', 'exact');
  for (const filter of options.filter ?? []) {
    const at = filter.indexOf('=');
    parameters.append(filter.slice(0, at), filter.slice(at + 1));
  }
  for (const [key, value] of Object.entries(options.tag ?? {})) parameters.append(`tag.${key}`, value);
  return parameters;
}

interface CheckOptions {
  readonly json?: boolean;
  readonly warnings?: true;
  readonly metadata?: string;
}

function checkCommand(): Command {
  return new Command('check')
    .description('hold a file against the rules of FOCUS 1.2 Cost and Usage')
    .argument('<file>', 'CSV; - reads standard input')
    .option('--metadata <file>', 'JSON: checked too, and the file against it')
    .option('--json', 'print the result as JSON')
    .option('--warnings', 'fail on warnings too')
    .action((file: string, options: CheckOptions) =>
      run<{ json?: boolean }>((_options, output) => check(file, options, output))(options),
    );
}

async function check(file: string, { warnings: warningsCount, metadata }: CheckOptions, output: Output) {
  // Attach the reader first: an error of an opened file without a reader would be unhandled.
  const said = metadata === undefined ? {} : { metadata: await readMetadataFile(metadata) };
  const report = await checkFocus(file === '-' ? process.stdin : createReadStream(file), said);
  const { rows, errors, warnings, problems } = report;
  output.result(report, () =>
    [...problems.map(problemText), `${rows} rows: ${errors} errors, ${warnings} warnings`].join('\n'),
  );
  return errors > 0 || (warningsCount === true && warnings > 0) ? EXIT.failed : EXIT.ok;
}

async function readMetadataFile(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch {
    throw new CliError(`${path} is not JSON.`);
  }
}

const problemText = ({ row, column, severity, message }: FocusProblem) =>
  `row ${row}${column === '' ? '' : `, ${column}`}: ${severity === 'warning' ? 'warning: ' : ''}${message}`;
