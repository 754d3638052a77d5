/** `farthing spool`: damaged and set-aside events in the folders of waiting events, which need a person. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Leftover, loadConfig, readEnv, readLeftovers, surveySpool } from '@farthing/server';
import { Command } from 'commander';
import { command, run } from '../console/command.ts';
import { CliError, EXIT } from '../console/output.ts';
import { typed } from '../console/typed.ts';
import { SPOOL_FOLDERS } from './doctor/spool.ts';

export function spoolCommand(): Command {
  return new Command('spool')
    .description('look at damaged and set-aside events in the data folder, and remove them')
    .addCommand(showCommand())
    .addCommand(removeCommand());
}

function showCommand(): Command {
  return command('show', 'print what is damaged or set aside, one JSON object per line').action(
    run(async (_options, output) => {
      const { dataDir } = loadConfig(readEnv());
      const found: (Leftover & { readonly file: string })[] = [];
      for (const file of await leftoverFiles(dataDir)) {
        for (const one of await readLeftovers(join(dataDir, file))) found.push({ file, ...one });
      }
      output.result(found, () =>
        found.length === 0
          ? 'Nothing is damaged or set aside.'
          : found.map((one) => JSON.stringify(one)).join('\n'),
      );
      return undefined;
    }),
  );
}

function removeCommand(): Command {
  return command('remove', 'delete files of damaged and set-aside events for good')
    .argument('<files...>', 'as `spool show` names them')
    .action((files: string[], options: { json?: boolean }) =>
      run(async (_options, output) => {
        const { dataDir } = loadConfig(readEnv());
        const known = await leftoverFiles(dataDir);
        const unknown = files.find((file) => !known.includes(file));
        if (unknown !== undefined) {
          throw new CliError(
            `"${unknown}" is no file of damaged or set-aside events; see \`${typed('spool show')}\`.`,
            EXIT.usage,
          );
        }
        for (const file of files) await rm(join(dataDir, file), { force: true });
        output.result({ removed: files }, () => `Removed ${files.join(', ')}.`);
        return undefined;
      })(options),
    );
}

/** Relative to the data folder: `spool/000000000007.spool.damaged`. */
async function leftoverFiles(dataDir: string): Promise<string[]> {
  const found: string[] = [];
  for (const folder of SPOOL_FOLDERS) {
    const { leftoverFiles: names } = await surveySpool(join(dataDir, folder));
    found.push(...names.map((name) => `${folder}/${name}`));
  }
  return found;
}
