/** `farthing backup` and `farthing restore`: the whole ledger in one file. */
import { stat } from 'node:fs/promises';
import { backup, restore } from '@farthing/server';
import type { Command } from 'commander';
import { command, run } from '../command.ts';
import { CliError } from '../output.ts';
import { withStore } from '../store-access.ts';

export function backupCommand(): Command {
  return command('backup', 'write the whole ledger into one file, while the server runs or not')
    .argument('<file>', 'a file that does not exist yet')
    .action((file: string, options: { json?: boolean }) =>
      run(async (_options, output) => {
        await withStore(({ connectionString }) => backup({ connectionString, file }));
        const { size } = await stat(file);
        output.result({ file, bytes: size }, () => `Wrote ${file} (${size} bytes).`);
        return undefined;
      })(options),
    );
}

export function restoreCommand(): Command {
  return command('restore', 'read a backup into an empty database')
    .argument('<file>', 'a file that `farthing backup` wrote')
    .action((file: string, options: { json?: boolean }) =>
      run(async (_options, output) => {
        await stat(file).catch(() => {
          throw new CliError(`There is no file ${file}.`);
        });
        await withStore(({ connectionString }) => restore({ connectionString, file }));
        output.result({ file }, () => `Restored ${file}.`);
        return undefined;
      })(options),
    );
}
