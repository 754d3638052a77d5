/** Sends lines to `POST /api/usage/events` and reads the answer per line. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorBody, ingestAnswer, type UsageEventResult } from '@farthing/contract';
import { z } from 'zod';
import { readAs } from '../../access/ask-server.ts';
import type { ServerTarget } from '../../access/server-access.ts';
import { CliError } from '../../console/output.ts';
import type { LineKind } from './prepare-line.ts';

/** Takes a batch of lines of one kind and answers for each, in their order. */
export type Send = (kind: LineKind, lines: readonly string[]) => Promise<readonly UsageEventResult[]>;

/** Defaults from the command line for what a line leaves open. */
export interface LineDefaults {
  readonly tenant?: string | undefined;
  readonly project?: string | undefined;
  readonly agent?: string | undefined;
  readonly tags: { readonly [key: string]: string };
}

const RETRY_STATUS = new Set([429, 502, 503, 504]);
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
/** About two minutes of trying. */
const MAX_ATTEMPTS = 16;

/**
 * Sends one batch of one kind. Waits and tries again while the server is busy, away or restarting: ids make that safe.
 * The answers come in the order of the lines.
 */
export async function sendBatch(
  target: ServerTarget,
  kind: LineKind,
  defaults: LineDefaults,
  lines: readonly string[],
): Promise<readonly UsageEventResult[]> {
  const url = eventsUrl(target.url, kind, defaults);
  const body = lines.join('\n');
  for (let attempt = 1, pauseMs = FIRST_PAUSE_MS; ; attempt += 1) {
    const answer = await post(url, target.key, body);
    if (answer.kind === 'answered') return answer.results;
    if (attempt === MAX_ATTEMPTS)
      throw new CliError(`${target.url} did not take the lines: ${answer.reason}`);
    await sleep(answer.retryAfterMs ?? pauseMs);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

function eventsUrl(base: string, kind: LineKind, defaults: LineDefaults): URL {
  const url = new URL('/api/usage/events', base);
  for (const [name, value] of Object.entries(parametersOf(kind, defaults))) url.searchParams.set(name, value);
  for (const [key, value] of Object.entries(defaults.tags)) url.searchParams.set(`tag.${key}`, value);
  return url;
}

/** The parameters of the route, but for the tags. */
export function parametersOf(kind: LineKind, defaults: LineDefaults): Readonly<Record<string, string>> {
  const { tenant, project, agent } = defaults;
  const format = kind === 'response' ? 'responses' : undefined;
  const given = Object.entries({ door: 'import', format, tenant, project, agent });
  return Object.fromEntries(given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

type Posted =
  | { readonly kind: 'answered'; readonly results: readonly UsageEventResult[] }
  | { readonly kind: 'again'; readonly reason: string; readonly retryAfterMs: number | null };

async function post(url: URL, key: string, body: string): Promise<Posted> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' };
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { method: 'POST', headers, body });
    text = await response.text();
  } catch (error) {
    return { kind: 'again', reason: connectionReason(error), retryAfterMs: null };
  }
  if (RETRY_STATUS.has(response.status)) {
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    const retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : null;
    return { kind: 'again', reason: refusalReason(text, response.status), retryAfterMs };
  }
  if (!response.ok)
    throw new CliError(`${url.origin} refused the lines: ${refusalReason(text, response.status)}`);
  return { kind: 'answered', results: readAs(answered, parsed(text), url.origin).data.results };
}

const answered = z.object({ data: ingestAnswer });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The server's own sentence where it gave one. */
function refusalReason(text: string, status: number): string {
  try {
    const { code, message } = (JSON.parse(text) as ErrorBody).error;
    return `${message} (${code})`;
  } catch {
    return `HTTP ${status}`;
  }
}

function connectionReason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
