/** `farthing doctor`: versions, how to reach the database, and whether all is well. */
import type { Command } from 'commander';
import { command, run } from '../../console/command.ts';
import { EXIT, paint } from '../../console/output.ts';
import { examine, type Report } from './examine.ts';
import type { Finding } from './finding.ts';

interface DoctorOptions {
  readonly json?: boolean;
  readonly showSecret?: boolean;
}

export function doctorCommand(): Command {
  return command('doctor', 'show versions, the connection for psql and what is wrong')
    .option('--show-secret', 'print the database password too')
    .action(
      run<DoctorOptions>(async ({ showSecret }, output) => {
        const report = await examine({ showSecret: showSecret === true });
        output.result(report, () => describe(report));
        return report.ok ? EXIT.ok : EXIT.failed;
      }),
    );
}

function describe({ findings }: Report): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const line = ({ name, state, text }: Finding) => `${mark(state)} ${name.padEnd(width)}  ${text}`;
  return findings.map(line).join('\n');
}

function mark(state: Finding['state']): string {
  if (state === 'good') return paint('green', '✓');
  return state === 'bad' ? paint('red', '✗') : ' ';
}
