/** The program: every command, and how its failures are shown. */
import { Command, CommanderError } from 'commander';
import { backupCommand, restoreCommand } from './commands/backup.ts';
import { checkInvariantsCommand } from './commands/check-invariants.ts';
import { demoCommand } from './commands/demo/demo.ts';
import { doctorCommand } from './commands/doctor/doctor.ts';
import { eraseUserCommand } from './commands/erase-user.ts';
import { exportCommand } from './commands/export/export.ts';
import { importCommand } from './commands/import/import.ts';
import { keysCommand } from './commands/keys.ts';
import { loginCommand } from './commands/login.ts';
import { migrateCommand } from './commands/migrate.ts';
import { priceCommand } from './commands/price/price.ts';
import { pricesCommand } from './commands/prices/prices.ts';
import { rebuildRollupsCommand } from './commands/rebuild-rollups.ts';
import { reportingCommand } from './commands/reporting.ts';
import { repriceCommand } from './commands/reprice.ts';
import { retentionCommand } from './commands/retention.ts';
import { serveCommand } from './commands/serve.ts';
import { spoolCommand } from './commands/spool.ts';
import { tenantsCommand } from './commands/tenants.ts';
import { usageCommand } from './commands/usage/usage.ts';
import { usersCommand } from './commands/users.ts';
import { CliError, EXIT } from './console/output.ts';
import { typed } from './console/typed.ts';

const EXIT_CODES = `
Exit codes: 0 done · 1 failed, or doctor found something wrong · 2 import: some lines were rejected · 64 wrong usage.
Settings come from the environment and from a file .env in the current folder; see docs/configuration.md.`;

/** The program with all its commands, not yet run. */
export function createProgram(): Command {
  const program = new Command(typed(''))
    .description('The ledger for LLM spend.')
    .addHelpText('after', EXIT_CODES)
    .showHelpAfterError('(--help shows what is possible)')
    .addCommand(serveCommand())
    .addCommand(demoCommand())
    .addCommand(migrateCommand())
    .addCommand(loginCommand())
    .addCommand(tenantsCommand())
    .addCommand(keysCommand())
    .addCommand(usersCommand())
    .addCommand(reportingCommand())
    .addCommand(doctorCommand())
    .addCommand(importCommand())
    .addCommand(exportCommand())
    .addCommand(usageCommand())
    .addCommand(priceCommand())
    .addCommand(pricesCommand())
    .addCommand(repriceCommand())
    .addCommand(checkInvariantsCommand())
    .addCommand(rebuildRollupsCommand())
    .addCommand(retentionCommand())
    .addCommand(eraseUserCommand())
    .addCommand(spoolCommand())
    .addCommand(backupCommand())
    .addCommand(restoreCommand());
  for (const one of withSubcommands(program)) one.exitOverride();
  return program;
}

function withSubcommands(one: Command): Command[] {
  return [one, ...one.commands.flatMap(withSubcommands)];
}

/** Runs the command line; what fails is one clear line on stderr and an exit code. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync([...args], { from: 'user' });
  } catch (error) {
    process.exitCode = report(error);
  }
}

function report(error: unknown): number {
  // commander has printed its own message by now; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const message = error instanceof Error ? error.message : String(error);
  console.error(`farthing: ${message}`);
  return error instanceof CliError ? error.exitCode : EXIT.failed;
}
