/** `farthing prices`: one's own prices and the installed ones, through the API of a server. */
import { priceVersionsAnswer } from '@farthing/contract';
import { Command } from 'commander';
import { askServer } from '../../access/ask-server.ts';
import { type Remote, remote } from '../../access/remote.ts';
import { run } from '../../console/command.ts';
import { table } from '../../console/output.ts';
import { addCommand, removeCommand } from './add.ts';
import { withYes } from './changes-text.ts';
import {
  diffCommand,
  type FileOptions,
  importPriceFile,
  importPricesCommand,
  withFileOptions,
} from './import.ts';
import { listCommand, searchCommand } from './list.ts';
import { refresh } from './refresh.ts';

export function pricesCommand(): Command {
  return new Command('prices')
    .description('list, search, add, import and refresh prices, and take them back')
    .addCommand(listCommand())
    .addCommand(searchCommand())
    .addCommand(addCommand())
    .addCommand(removeCommand())
    .addCommand(diffCommand())
    .addCommand(refreshCommand())
    .addCommand(importPricesCommand())
    .addCommand(versionsCommand());
}

interface RefreshCommandOptions extends FileOptions {
  readonly file?: string;
}

function refreshCommand(): Command {
  const what =
    'take over what the npm package of prices that is installed now says; update it with npm first';
  const made = remote('refresh', what).option('--file <file>', 'a table in JSON instead of the package');
  return withYes(withFileOptions(made)).action(
    run<RefreshCommandOptions>(async (options, output) =>
      options.file === undefined
        ? refresh(options, output, false)
        : importPriceFile(options.file, options, output, false),
    ),
  );
}

function versionsCommand(): Command {
  return remote('versions', 'list what refreshes and imports changed').action(
    run<Remote>(async (options, output) => {
      const path = '/api/admin/prices/versions';
      const list = await askServer(options, priceVersionsAnswer, 'GET', path);
      const rows = list.versions.map((one) => [
        one.id,
        one.kind,
        one.book ?? one.source,
        ...[one.added, one.changed, one.vanished].map(String),
        one.created_at,
        one.created_by,
        one.removed_at ?? '',
      ]);
      const head = ['id', 'kind', 'from', 'new', 'changed', 'vanished', 'when', 'by', 'taken back'];
      output.result(list, () => `${table(head, rows)}\nprice book: ${list.version}`);
      return undefined;
    }),
  );
}
