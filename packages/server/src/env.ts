/**
 * The only reader of the process environment. Flat and literal: `settings-table.ts` lists what is read, with defaults;
 * `config.ts` gives it meaning.
 */
import { join } from 'node:path';
import { VARIABLES, type VariableName } from './settings-table.ts';

/** The environment, as found; an empty value counts as unset. */
export type Env = { readonly [N in VariableName]: string | undefined };

/**
 * Reads the environment, after adding what a file `.env` in `folder` sets and the environment does not.
 * A missing file is fine; one that cannot be read is an error.
 */
export function readEnv(folder: string = process.cwd()): Env {
  try {
    process.loadEnvFile(join(folder, '.env'));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  return pickEnv(process.env);
}

/** The variables of {@link VARIABLES} out of any record of strings. */
export function pickEnv(source: { readonly [name: string]: string | undefined }): Env {
  const entries = VARIABLES.map(({ name }) => {
    const value = source[name];
    return [name, value === '' ? undefined : value] as const;
  });
  return Object.fromEntries(entries) as Env;
}
