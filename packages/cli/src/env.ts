/** What the command line itself reads of the environment; the server's variables are read by the server's env.ts. */

/** One variable, as the documentation prints it. */
export interface CliVariable {
  readonly name: string;
  readonly meaning: string;
  readonly secret?: true;
}

/** Every variable only the command line reads. `.env.example` is checked against this list. */
export const CLI_VARIABLES: readonly CliVariable[] = [
  { name: 'FARTHING_URL', meaning: 'Server that `farthing import` sends to, e.g. http://127.0.0.1:4141.' },
  { name: 'FARTHING_API_KEY', meaning: 'Key the command line calls that server with.', secret: true },
  { name: 'NO_COLOR', meaning: 'Any value switches colours off.' },
];

export interface CliEnv {
  readonly url: string | null;
  readonly apiKey: string | null;
  readonly colour: boolean;
  /** The script by which npm runs us; null = npm does not. */
  readonly npmScript: string | null;
}

/** Reads the variables; an empty value counts as unset. */
export function readCliEnv(): CliEnv {
  const read = (name: string) => process.env[name] || null;
  return {
    url: read('FARTHING_URL'),
    apiKey: read('FARTHING_API_KEY'),
    colour: read('NO_COLOR') === null,
    npmScript: read('npm_lifecycle_event'),
  };
}
