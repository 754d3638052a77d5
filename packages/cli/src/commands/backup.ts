/** `farthing backup` and `farthing restore`: the whole ledger in one file. */
import { stat } from 'node:fs/promises';
import { backup, restore } from '@farthing/server';
import type { Command } from 'commander';
import { withStore } from '../access/store-access.ts';
import { command, run } from '../console/command.ts';
import { CliError } from '../console/output.ts';

export function backupCommand(): Command {
  return command('backup', 'write the whole ledger into one file, while the server runs or not')
    .argument('<file>', 'a file that does not exist yet')
    .action((file: string, options: { json?: boolean }) =>
      run(async (_options, output) => {
        const made = await withStore(({ connectionString }) => backup({ connectionString, file }));
        const { size } = await stat(file);
        output.result(
          { file, bytes: size, ...made },
          () => `Wrote ${file}: ${made.rows['usage_events'] ?? 0} events, ${size} bytes.`,
        );
        return undefined;
      })(options),
    );
}

interface RestoreOptions {
  readonly json?: boolean;
  readonly force?: boolean;
}

export function restoreCommand(): Command {
  return command('restore', 'read a backup into an empty ledger, all of it or nothing')
    .argument('<file>', 'a file that `farthing backup` wrote')
    .option('--force', 'delete what the ledger holds first')
    .action((file: string, options: RestoreOptions) =>
      run<RestoreOptions>(async ({ force }, output) => {
        await stat(file).catch(() => {
          throw new CliError(`There is no file ${file}.`);
        });
        const read = await withStore(({ connectionString }) =>
          restore({ connectionString, file, force: force === true }),
        );
        output.result({ file, ...read }, () => `Restored ${file}: ${read.rows['usage_events'] ?? 0} events.`);
        return undefined;
      })(options),
    );
}
