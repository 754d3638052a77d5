/** `farthing import FILE…`: recorded provider responses or usage events, into the ledger. */
import { stat } from 'node:fs/promises';
import { loadConfig, readEnv } from '@farthing/server';
import type { Command } from 'commander';
import { withServer } from '../../access/server-access.ts';
import { collectTag, command, run } from '../../console/command.ts';
import { CliError, EXIT, type Output } from '../../console/output.ts';
import { readCliEnv } from '../../env.ts';
import { withDryRun } from './dry-run.ts';
import { importFile } from './import-file.ts';
import { showProgress } from './progress-bar.ts';
import { openProgress } from './progress-file.ts';
import { type LineDefaults, type Send, sendBatch } from './send-batch.ts';
import { type ImportSummary, type RejectedLine, Tally } from './tally.ts';

interface ImportOptions {
  readonly json?: boolean;
  readonly tenant?: string;
  readonly project?: string;
  readonly agent?: string;
  readonly tag: Readonly<Record<string, string>>;
  readonly dryRun?: boolean;
  readonly url?: string;
}

export function importCommand(): Command {
  return command('import', 'read NDJSON of provider responses or usage events into the ledger')
    .argument('<file...>', 'files, plain or gzip; - reads standard input')
    .option('--tenant <id>', 'tenant of lines that name none')
    .option('--project <id>', 'project of lines that name none')
    .option('--agent <name>', 'agent of lines that name none')
    .option('--tag <key=value>', 'tag of every line (repeatable)', collectTag, {})
    .option('--dry-run', 'say what an import would answer and store nothing')
    .option(
      '--url <url>',
      'a server elsewhere, called with FARTHING_API_KEY (default: FARTHING_URL, else the one here)',
    )
    .action((files: string[], options: ImportOptions) =>
      run<ImportOptions>((_options, output) => importAll(files, options, output))(options),
    );
}

const SENT_IS_RECORDED = 'what was sent is recorded. Start the same import again to go on.';

async function importAll(files: readonly string[], options: ImportOptions, output: Output) {
  await Promise.all(files.map(requireFile));
  const defaults: LineDefaults = {
    tenant: options.tenant,
    project: options.project,
    agent: options.agent,
    tags: options.tag,
  };
  const progress = await showProgress(files);
  const tally = new Tally((line) => progress.say(rejection(line)));
  const { dataDir } = loadConfig(readEnv());
  const onInterrupt = () => {
    progress.stop();
    console.error(`farthing: interrupted; ${options.dryRun ? 'nothing was stored.' : SENT_IS_RECORDED}`);
    process.exit(EXIT.failed);
  };
  process.once('SIGINT', onInterrupt);
  try {
    const env = readCliEnv();
    const remote = { url: options.url ?? env.url, apiKey: env.apiKey };
    if (options.dryRun) {
      await withDryRun(remote, defaults, async (send) => {
        for (const path of files) await importFile({ path, tally, progress, send, progressFile: null });
      });
    } else {
      await withServer(remote, async (target) => {
        for (const path of files) {
          const progressFile = await openProgress(dataDir, path, JSON.stringify([target.ledger, defaults]));
          if (progressFile.position.line > 0) {
            progress.say(`${path}: going on after line ${progressFile.position.line}`);
          }
          const send: Send = (kind, lines) => sendBatch(target, kind, defaults, lines);
          await importFile({ path, tally, progress, send, progressFile });
        }
      });
    }
  } finally {
    process.off('SIGINT', onInterrupt);
    progress.stop();
  }
  const summary = tally.summary();
  output.result({ ...summary, dry_run: options.dryRun === true }, () =>
    describe(summary, options.dryRun === true),
  );
  return summary.rejected > 0 ? EXIT.someRejected : EXIT.ok;
}

async function requireFile(path: string): Promise<void> {
  if (path === '-') return;
  const found = await stat(path).catch(() => null);
  if (found === null) throw new CliError(`There is no file ${path}.`);
  if (found.isDirectory()) throw new CliError(`${path} is a folder; name the files in it.`);
}

function rejection({ file, line, code, message }: RejectedLine): string {
  return `${file}:${line}: ${code}: ${message}`;
}

function describe(summary: ImportSummary, dryRun: boolean): string {
  const { lines, accepted, superseded, duplicate, queued, rejected, unpriced } = summary;
  const parts = [`${accepted} accepted`, `${duplicate} duplicate`, `${rejected} rejected`];
  if (superseded > 0) parts.push(`${superseded} superseded`);
  if (queued > 0) parts.push(`${queued} queued until the database is back`);
  if (summary.disabled > 0) parts.push(`${summary.disabled} not kept: recording is off (FF_COST_TRACKING)`);
  const models = summary.unpriced_models.map(({ name, lines: count }) => `  ${name}  ${count}`);
  return [
    ...(dryRun ? ['Dry run: nothing was stored. An import would say:'] : []),
    `${lines} lines: ${parts.join(', ')}.`,
    ...(unpriced > 0 ? [`${unpriced} of the accepted are unpriced.`] : []),
    ...(unpriced > 0 && models.length > 0 ? ['Without a price:', ...models] : []),
  ].join('\n');
}
