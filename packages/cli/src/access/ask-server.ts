/** Requests to the API of a server, for commands that administer it. */
import { withoutTrailing } from '@farthing/pricing/extract';
import type { Target } from '../commands/import/send-batch.ts';
import { CliError } from '../console/output.ts';
import { readCliEnv } from '../env.ts';
import { withServer } from './server-access.ts';

/** Asks for a path and answers the data. What the server refuses is thrown, with the particulars it gave. */
export type Ask = <Data>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: object,
) => Promise<Data>;

/** What the server refused, in its own words. */
export class RefusedByServer extends CliError {
  /** The particulars as the server gave them; undefined = none. */
  readonly details: unknown;
  constructor(message: string, details: unknown) {
    super(`${message}${particulars(message, details)}`);
    this.details = details;
  }
}

/** The faults of an input stand in the message as far as they fit; what it leaves out follows line by line. */
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
export function askServer<Data>(
  server: { readonly url?: string | undefined; readonly key?: string | undefined },
  ...request: Parameters<Ask>
): Promise<Data> {
  return withApi(server, (ask) => ask<Data>(...request));
}

function askOf(target: Target): Ask {
  return async <Data>(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<Data> => {
    const response = await fetch(`${target.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${target.key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as
      | { readonly success: true; readonly data: Data }
      | { readonly success: false; readonly error: { readonly message: string; readonly details?: unknown } };
    if (answer.success) return answer.data;
    throw new RefusedByServer(answer.error.message, answer.error.details);
  };
}
