/** Requests to the API of a server, for commands that administer it. Answers are checked before they are used. */
import type { AnswerOf } from '@farthing/contract';
import { withoutTrailing } from '@farthing/pricing/extract';
import { z } from 'zod';
import { CliError } from '../console/output.ts';
import { readCliEnv } from '../env.ts';
import { type ServerTarget, withServer } from './server-access.ts';

/**
 * Asks for a path and returns the data, which has the form of `answer`; unknown members are kept. A refusal of the
 * server is thrown, with its details.
 *
 * @example const { keys } = await ask(keysAnswer, 'GET', '/api/admin/keys');
 */
export type Ask = <Schema extends z.ZodType>(
  answer: Schema,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: object,
) => Promise<AnswerOf<Schema>>;

/** A refusal, in the server's words. */
export class RefusedByServerError extends CliError {
  /** The particulars as the server gave them; undefined = none. */
  readonly details: unknown;
  constructor(message: string, details: unknown) {
    super(`${message}${particulars(message, details)}`);
    this.details = details;
  }
}

/** The message has as many faults of an input as fit; the others follow line by line. */
function particulars(message: string, details: unknown): string {
  if (details === undefined || details === null) return '';
  if (!Array.isArray(details)) return `\n${JSON.stringify(details, null, 2)}`;
  const faults = details as readonly { readonly path?: string; readonly message?: string }[];
  return faults
    .filter((fault) => !message.includes(fault.message ?? ''))
    .map((fault) => `\n  ${[fault.path, fault.message].filter((part) => part).join(': ')}`)
    .join('');
}

/** Calls `work` with a way to ask the server at `url`, else that of FARTHING_URL, else the one of this machine. */
export function withApi<Result>(
  { url, key }: { readonly url?: string | undefined; readonly key?: string | undefined },
  work: (ask: Ask) => Promise<Result>,
): Promise<Result> {
  const env = readCliEnv();
  const given = url ?? env.url;
  const remote = {
    url: given === undefined || given === null ? null : withoutTrailing(given, '/'),
    apiKey: key ?? env.apiKey,
  };
  return withServer(remote, (target) => work(askOf(target)));
}

/** One request. */
export function askServer<Schema extends z.ZodType>(
  server: { readonly url?: string | undefined; readonly key?: string | undefined },
  answer: Schema,
  ...request: [method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object]
): Promise<AnswerOf<Schema>> {
  return withApi(server, (ask) => ask(answer, ...request));
}

const envelope = z.discriminatedUnion('success', [
  z.object({ success: z.literal(true), data: z.unknown() }),
  z.object({
    success: z.literal(false),
    error: z.object({ message: z.string(), details: z.unknown() }),
  }),
]);

/** Asks one server with one key. */
export function askOf(target: Pick<ServerTarget, 'url' | 'key'>): Ask {
  return async (answer, method, path, body) => {
    const response = await fetch(`${target.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${target.key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const said = readAs(envelope, await json(response, target.url), target.url);
    if (!said.success) throw new RefusedByServerError(said.error.message, said.error.details);
    return readAs(answer, said.data, target.url, 'data');
  };
}

async function json(response: Response, url: string): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    throw new CliError(`${url} answered ${response.status} and no JSON: is a Farthing server there?`);
  }
}

/**
 * The server's answer, unchanged, after a check that it has the form of `schema`.
 *
 * @throws CliError names the first member that does not fit
 */
export function readAs<Schema extends z.ZodType>(
  schema: Schema,
  said: unknown,
  url: string,
  place = '',
): AnswerOf<Schema> {
  const { error } = schema.safeParse(said);
  // Unchanged, not as parsed: further members of a newer server are passed on.
  if (error === undefined) return said as AnswerOf<Schema>;
  const [issue] = error.issues;
  const member = [place, ...(issue?.path ?? [])].filter((part) => part !== '').join('.');
  throw new CliError(
    `${url} answers in another form than this command line knows (${member || 'answer'}: ${issue?.message ?? 'does not fit'}). It is probably of another version: use the farthing command of that version.`,
  );
}
