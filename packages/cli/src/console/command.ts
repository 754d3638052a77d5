/** What every command has in common: `--json`, and an action that answers with an exit code. */
import { Command, InvalidArgumentError } from 'commander';
import { createOutput, EXIT, type ExitCode, type Output } from './output.ts';

/** A command with `--json`. */
export function command(nameAndArgs: string, description: string): Command {
  return new Command(nameAndArgs).description(description).option('--json', 'print the result as JSON');
}

/** Runs an action with its output and sets the exit code it answers. */
export function run<Options extends { json?: boolean }>(
  action: (options: Options, output: Output) => Promise<ExitCode | undefined>,
): (options: Options) => Promise<void> {
  return async (options) => {
    process.exitCode = (await action(options, createOutput({ json: options.json === true }))) ?? EXIT.ok;
  };
}

/** Gathers a repeatable `k=v` option. */
export function collectTag(text: string, tags: Readonly<Record<string, string>>): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError(`"${text}" is not of the form key=value`);
  return { ...tags, [text.slice(0, at)]: text.slice(at + 1) };
}
