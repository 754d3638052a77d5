/** Commands in a form that a reader of our output can type. */
import { readCliEnv } from '../env.ts';

/** The scripts of a clone by which the command line runs. */
const SCRIPTS: ReadonlySet<string> = new Set(['start', 'dev', 'demo', 'migrate', 'farthing']);

/**
 * A command of ours, by npm where npm runs us: then there is a clone, and mostly no `farthing` on the path.
 *
 * @example typed('keys list') // 'npm run -s farthing -- keys list', or 'farthing keys list'
 */
export function typed(args: string, { npmScript } = readCliEnv()): string {
  const start = npmScript !== null && SCRIPTS.has(npmScript) ? 'npm run -s farthing --' : 'farthing';
  return args === '' ? start : `${start} ${args}`;
}
