/** `farthing rebuild-rollups`: compares every sum with its events and corrects differences. */
import {
  createDatabase,
  migrate,
  type RollupComparison,
  type RollupDifference,
  rebuildRollups,
  watermarkOf,
} from '@farthing/server';
import type { Command } from 'commander';
import { quietLog, withStore } from '../access/store-access.ts';
import { command, run } from '../console/command.ts';
import { CliError, EXIT } from '../console/output.ts';

interface RebuildOptions {
  readonly json?: boolean;
  readonly tenant?: string;
  readonly from?: string;
  readonly to?: string;
  readonly check?: boolean;
}

/** A piece holds some 50,000 events, more where a quarter hour does. */
const STATEMENT_TIMEOUT_MS = 30 * 60_000;

export function rebuildRollupsCommand(): Command {
  return command(
    'rebuild-rollups',
    'recompute the sums from the events, while events come in; changes nothing where all is right',
  )
    .option('--tenant <id>', 'only this tenant')
    .option('--from <time>', 'only from this time on, RFC 3339; whole quarter hours')
    .option('--to <time>', 'only before this time')
    .option('--check', 'only compare; exits with 1 where something differs')
    .action(
      run<RebuildOptions>(async (options, output) => {
        const limits = { from: timeOf(options.from, '--from'), to: timeOf(options.to, '--to') };
        const check = options.check === true;
        const found = await withStore(async ({ connectionString }) => {
          await migrate({ connectionString });
          const db = createDatabase({
            connectionString,
            log: quietLog,
            max: 2,
            statementTimeoutMs: STATEMENT_TIMEOUT_MS,
          });
          try {
            return await rebuildRollups(db, {
              ...limits,
              tenant: options.tenant ?? null,
              check,
              watermarkOf,
              onPiece: ({ tenant }, _piece, done, of) => output.note(`${tenant}: ${done} of ${of}`),
            });
          } finally {
            await db.close();
          }
        });
        output.result(found, () => sentence(found, check));
        return check && found.different > 0 ? EXIT.failed : undefined;
      }),
    );
}

function timeOf(text: string | undefined, option: string): number | null {
  if (text === undefined) return null;
  const time = Date.parse(text);
  if (Number.isNaN(time))
    throw new CliError(`${option}: "${text}" is not a time, say 2026-11-01T00:00:00Z.`, EXIT.usage);
  return time;
}

function sentence({ compared, different, first }: RollupComparison, check: boolean): string {
  if (first === null) return `Compared ${compared} rows; every one equals its events.`;
  const what = check ? `${different} differ` : `changed ${different}`;
  return `Compared ${compared} rows, ${what}. The first:\n${described(first)}`;
}

function described(row: RollupDifference): string {
  const { table, tenant, dimension, value, bucket, provider, model, operation } = row;
  const columns = row.columns.map(
    ({ column, is, shouldBe }) => `    ${column}: was ${is}, should be ${shouldBe}`,
  );
  const head = `  ${table}: tenant ${tenant}, ${bucket}, ${dimension} ${JSON.stringify(value)}, ${provider} ${model} ${operation}`;
  return [head, ...columns].join('\n');
}
