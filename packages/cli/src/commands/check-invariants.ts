/** `farthing check-invariants`: proves now that sums equal events and charges their lines. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type InvariantCheckAnswer,
  type InvariantProofAnswer,
  invariantProofAnswer,
} from '@farthing/contract';
import type { Command } from 'commander';
import { type Ask, withApi } from '../access/ask-server.ts';
import { command, run } from '../console/command.ts';
import { EXIT } from '../console/output.ts';

interface CheckOptions {
  readonly json?: boolean;
  readonly url?: string;
}

const POLL_MS = 1_000;

export function checkInvariantsCommand(): Command {
  return command('check-invariants', 'prove now that sums equal events and charges equal their lines')
    .option('--url <url>', 'a server elsewhere; its key in FARTHING_API_KEY')
    .action(
      run<CheckOptions>((options, output) =>
        withApi(options, async (ask) => {
          const { invariants } = await proof(ask);
          output.result({ invariants }, () => invariants.map(checkText).join('\n'));
          return invariants.every(({ ok }) => ok) ? EXIT.ok : EXIT.failed;
        }),
      ),
    );
}

/** Joins the proof under way until it has ended. */
async function proof(ask: Ask): Promise<InvariantProofAnswer> {
  for (;;) {
    const found = await ask(invariantProofAnswer, 'POST', '/api/admin/invariants/check', {});
    if (found.finished) return found;
    await sleep(POLL_MS);
  }
}

function checkText({ invariant, ok, covered, difference }: InvariantCheckAnswer): string {
  const skipped = covered.skipped_days === 0 ? '' : `, ${covered.skipped_days} given up`;
  const looked =
    `${covered.recent_days} of ${covered.recent_days_of} recent days and ${covered.sampled_days} earlier ones` +
    `${skipped}, ${covered.compared} rows`;
  if (ok || difference === null) return `${invariant} holds: ${looked}`;
  const { tenant, table, bucket, dimension, row, columns, different } = difference;
  const where = `${table}, tenant ${tenant}, ${bucket}${dimension === null ? '' : `, ${dimension}`}, ${row}`;
  const what = columns.map(({ column, expected, found }) => `    ${column}: ${found}, should be ${expected}`);
  return [`${invariant} is broken: ${looked}`, `  ${different} rows, the first in ${where}`, ...what].join(
    '\n',
  );
}
