/** `farthing retention`: how long a tenant's events are kept. */
import { changedRetentionAnswer, type RetentionAnswer, retentionAnswer } from '@farthing/contract';
import type { Command } from 'commander';
import { withApi } from '../access/ask-server.ts';
import { command, run } from '../console/command.ts';
import { CliError, EXIT } from '../console/output.ts';

interface RetentionOptions {
  readonly json?: boolean;
  readonly url?: string;
  readonly tenant: string;
  readonly days?: string;
  readonly apply?: boolean;
}

export function retentionCommand(): Command {
  return command('retention', "show or set how long a tenant's events are kept; sums are kept for ever")
    .option('--url <url>', 'a server elsewhere; its key in FARTHING_API_KEY')
    .option('--tenant <id>', 'whose', 'default')
    .option('--days <n>', 'keep so many days, or "forever"; without --apply only show what that lets go')
    .option('--apply', 'set it; events go with the next hourly round')
    .action(
      run<RetentionOptions>((options, output) =>
        withApi(options, async (ask) => {
          const path = `/api/admin/tenants/${encodeURIComponent(options.tenant)}/retention`;
          const found =
            options.days === undefined
              ? await ask(retentionAnswer, 'GET', path)
              : await ask(changedRetentionAnswer, 'PUT', path, {
                  days: daysOf(options.days),
                  dry_run: options.apply !== true,
                });
          output.result(found, () => retentionText(found));
          return EXIT.ok;
        }),
      ),
    );
}

function daysOf(text: string): number | null {
  if (text === 'forever') return null;
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new CliError(`--days takes a number of days or "forever", not "${text}".`, EXIT.usage);
}

/** What is printed: the setting, or in a dry run the setting as it would be. */
export function retentionText(found: RetentionAnswer): string {
  const kept = (days: number | null) => (days === null ? 'for ever' : `${days} days`);
  const opening =
    found.dry_run === true
      ? `Dry run: events of ${found.tenant} would be kept`
      : `Events of ${found.tenant} are kept`;
  const lines = [
    `${opening} ${kept(found.effective_days)} ` +
      `(its own setting: ${kept(found.days)}; the instance: ${kept(found.instance_days)}).`,
    found.events_from === null
      ? 'Nothing was let go so far.'
      : `Events from ${found.events_from} on are there.`,
  ];
  if (found.moves_to !== null) {
    lines.push(
      `The next round lets go of what is older than ${found.moves_to}: ${found.events_going} events.`,
    );
  }
  if (found.dry_run !== undefined && found.effective_days !== null && found.effective_days < 31) {
    lines.push('Warning: a FOCUS file of a whole month needs its events for 31 days; see docs/retention.md.');
  }
  if (found.dry_run === true) lines.push('Nothing was changed: add --apply.');
  return lines.join('\n');
}
