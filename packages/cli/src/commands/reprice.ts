/** `farthing reprice`: rates history again, first dry. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ReratingAnswer, reratingAnswer, reratingRunAnswer } from '@farthing/contract';
import type { Command } from 'commander';
import { type Ask, withApi } from '../access/ask-server.ts';
import { command, run } from '../console/command.ts';
import { EXIT, type Output, table } from '../console/output.ts';
import { typed } from '../console/typed.ts';

interface RepriceOptions {
  readonly json?: boolean;
  readonly url?: string;
  readonly tenant?: string;
  readonly provider?: string;
  readonly model?: string;
  readonly from?: string;
  readonly to?: string;
  readonly unpriced?: boolean;
  readonly apply?: boolean;
  readonly reason: string;
  readonly cancel?: string;
}

const POLL_MS = 500;

export function repriceCommand(): Command {
  return command(
    'reprice',
    'rate stored events again with the prices in force; without --apply only show what changes',
  )
    .option('--url <url>', 'a server elsewhere; its key in FARTHING_API_KEY')
    .option('--tenant <id>', 'only events of this tenant')
    .option('--provider <name>', 'only events of this provider')
    .option('--model <name>', 'only events of this model, as it stands in the ledger')
    .option('--from <time>', 'only events from this time on, RFC 3339')
    .option('--to <time>', 'only events before this time')
    .option('--unpriced', 'only events without a price')
    .option('--apply', 'change them; every change leaves an adjustment')
    .option('--reason <text>', 'why; stands in every adjustment', 'farthing reprice')
    .option('--cancel <id>', 'stop the run of this id instead')
    .action(
      run<RepriceOptions>((options, output) =>
        withApi(options, async (ask) => {
          if (options.cancel !== undefined) {
            const cancelled = await ask(
              reratingRunAnswer,
              'POST',
              `/api/admin/rerating/${options.cancel}/cancel`,
            );
            output.result(cancelled, () => `cancelled after ${progress(cancelled)}`);
            return EXIT.ok;
          }
          const done = await follow(ask, options, output);
          output.result(done, () => runText(done));
          return done.status === 'done' ? EXIT.ok : EXIT.failed;
        }),
      ),
    );
}

async function follow(ask: Ask, options: RepriceOptions, output: Output): Promise<ReratingAnswer> {
  const { tenant, provider, model, from, to, reason } = options;
  const which = { tenant, provider, model, from, to, unpriced_only: options.unpriced === true };
  const how = { dry_run: options.apply !== true, reason };
  const { id } = await ask(reratingRunAnswer, 'POST', '/api/admin/rerating', { ...which, ...how });
  output.note(`run ${id}; Ctrl-C leaves it running, ${typed(`reprice --cancel ${id}`)} stops it`);
  return followRun(
    () => ask(reratingAnswer, 'GET', `/api/admin/rerating/${id}`),
    (text) => output.note(text),
    () => sleep(POLL_MS),
  );
}

/** Polls a run until it has ended; prints each new state, the last one too. */
export async function followRun(
  look: () => Promise<ReratingAnswer>,
  say: (text: string) => void,
  pause: () => Promise<void>,
): Promise<ReratingAnswer> {
  for (let said = ''; ; await pause()) {
    const now = await look();
    const state = `${progress(now)} rated, ${now.changed} ${verb(now)}`;
    if (state !== said) say(state);
    said = state;
    if (now.status !== 'running') return now;
  }
}

const verb = (run: Pick<ReratingAnswer, 'dry_run'>) => (run.dry_run ? 'would change' : 'changed');

/** `40 of 1000 events`; the whole is not known until it is counted. */
const progress = ({ scanned, expected }: Pick<ReratingAnswer, 'scanned' | 'expected'>) =>
  expected === null ? `${scanned} events` : `${scanned} of ${expected} events`;

function runText(done: ReratingAnswer): string {
  const rows = done.differences.map((one) => [
    one.day,
    one.tenant,
    `${one.provider}/${one.model}`,
    String(one.events),
    cost(one.old_usd, one.old_unpriced),
    cost(one.new_usd, one.new_unpriced),
  ]);
  const end = `${done.status}: ${done.changed} of ${done.scanned} events ${verb(done)}${done.error === null ? '' : `: ${done.error}`}`;
  return rows.length === 0
    ? end
    : `${table(['day (UTC)', 'tenant', 'model', 'events', 'old USD', 'new USD'], rows)}\n${end}`;
}

const cost = (usd: string, unpriced: number) => (unpriced === 0 ? usd : `${usd} + ${unpriced} unpriced`);
