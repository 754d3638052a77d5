/** `farthing erase-user`: erases what is known of one person and keeps every total. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ErasureAnswer, erasureAnswer } from '@farthing/contract';
import type { Command } from 'commander';
import { withApi } from '../access/ask-server.ts';
import { command, run } from '../console/command.ts';
import { CliError, EXIT } from '../console/output.ts';

interface EraseOptions {
  readonly json?: boolean;
  readonly url?: string;
  readonly tenant: string;
  readonly thorough?: boolean;
  readonly before?: string;
  readonly yes?: boolean;
}

const POLL_MS = 300;

export function eraseUserCommand(): Command {
  return command('erase-user', 'erase what is known of one person; every total stays; cannot be undone')
    .argument('<user>', "as it stands in the events' user")
    .option('--url <url>', 'a server elsewhere; its key in FARTHING_API_KEY')
    .option('--tenant <id>', 'whose events', 'default')
    .option('--thorough', "take all tags and the task from the person's events")
    .option('--before <time>', 'events before this time, RFC 3339 (default: now)')
    .option('--yes', 'really do it')
    .action((user: string, options: EraseOptions) =>
      run<EraseOptions>(({ tenant, thorough, before, yes }, output) =>
        withApi(options, async (ask) => {
          if (yes !== true) throw new CliError('An erasure cannot be undone: add --yes.', EXIT.usage);
          const asked = {
            user,
            tenant,
            thorough: thorough === true,
            ...(before === undefined ? {} : { before }),
          };
          let erasure = await ask(erasureAnswer, 'POST', '/api/admin/erasure', asked);
          while (erasure.status === 'running') {
            await sleep(POLL_MS);
            erasure = await ask(erasureAnswer, 'GET', `/api/admin/erasure/${erasure.id}`);
          }
          output.result(erasure, () => erasureText(erasure));
          return erasure.status === 'done' ? EXIT.ok : EXIT.failed;
        }),
      )(options),
    );
}

function erasureText(erasure: ErasureAnswer): string {
  if (erasure.status === 'failed') return `Failed: ${erasure.error ?? 'for no known reason'}`;
  const keys =
    erasure.bound_keys === 0
      ? ''
      : `\n${erasure.bound_keys} keys write in this name: revoke them, or the name comes back with their next event.`;
  return (
    `Erased: ${erasure.events} events, tags of ${erasure.tagged_events} others, ${erasure.quarantined} in quarantine, ` +
    `${erasure.rollup_rows} rows of sums by the name.${keys}`
  );
}
