/** Prints the tables of environment variables that `.env.example` and docs/configuration.md hold. */
import { VARIABLES, type Variable } from '@farthing/server';
import { CLI_VARIABLES } from './env.ts';

/** The text of `.env.example`: every variable, commented out, with its default. */
export function renderEnvExample(): string {
  const server: readonly Variable[] = VARIABLES;
  return [
    '# Every setting of Farthing. Copy to .env and uncomment what you change; the environment wins over the file.',
    '',
    ...server.flatMap((one) => [`# ${one.meaning}`, `#${one.name}=${one.default ?? ''}`, '']),
    '# The command line only:',
    '',
    ...CLI_VARIABLES.flatMap((one) => [`# ${one.meaning}`, `#${one.name}=`, '']),
  ].join('\n');
}

/** The text of docs/configuration.md: what holds for every setting, and one row per variable. */
export function renderConfiguration(): string {
  return `# Configuration

Settings come from the environment and from a file \`.env\` in the folder the command runs in; the environment wins. An empty
value counts as unset. The server does not start with a value that does not fit; it names all of them at once. \`.env.example\` holds
the same list. Generated from the sources; do not edit (CONTRIBUTING.md, "Add a setting").

| variable | default | meaning |
|---|---|---|
${renderRows().join('\n')}
`;
}

function renderRows(): readonly string[] {
  const server: readonly Variable[] = VARIABLES;
  const all = [...server, ...CLI_VARIABLES.map((one) => ({ ...one, default: null }))];
  return all.map(
    (one) =>
      `| \`${one.name}\` | ${one.default === null ? 'unset' : `\`${one.default}\``} | ${one.meaning} |`,
  );
}
