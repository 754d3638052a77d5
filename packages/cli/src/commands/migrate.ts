/** `farthing migrate`: brings the schema up to date. The server does the same at its start. */
import { migrate } from '@farthing/server';
import type { Command } from 'commander';
import { withStore } from '../access/store-access.ts';
import { command, run } from '../console/command.ts';

export function migrateCommand(): Command {
  return command('migrate', 'bring the database schema up to date').action(
    run((_options, output) =>
      withStore(async ({ connectionString }) => {
        const { version, applied } = await migrate({ connectionString });
        output.result({ version, applied }, () =>
          applied.length === 0
            ? `The schema is up to date (version ${version}).`
            : `Applied ${applied.join(', ')}; the schema is at version ${version}.`,
        );
        return undefined;
      }),
    ),
  );
}
