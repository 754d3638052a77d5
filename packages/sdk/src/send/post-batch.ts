/** One request to `POST /api/usage/events?door=sdk`, and what its answer means for each event. */
import type { UsageEventResult } from '@farthing/contract';
import type { Settings } from '../settings.ts';
import type { QueuedEvent } from './event-queue.ts';

/** What became of a batch. */
export type BatchOutcome =
  /** The server answered for each item, in order. */
  | { readonly kind: 'answered'; readonly results: readonly UsageEventResult[] }
  /** Not taken, worth another try; `afterMs` where the server asks for a pause. */
  | { readonly kind: 'retry'; readonly afterMs: number | null; readonly message: string }
  /** Too large: send less at once. */
  | { readonly kind: 'too-large' }
  /** Not taken, and it never will be. */
  | { readonly kind: 'refused'; readonly message: string };

const GZIP_FROM_BYTES = 8 * 1024;
const LONGEST_PAUSE_MS = 5 * 60_000;

/** Sends the events as one JSON array. Never rejects. */
export async function postBatch(events: readonly QueuedEvent[], settings: Settings): Promise<BatchOutcome> {
  const text = `[${events.map((event) => event.json).join(',')}]`;
  try {
    const packed = text.length >= GZIP_FROM_BYTES ? await gzip(text) : undefined;
    const response = await settings.fetch(`${settings.url}/api/usage/events?door=sdk`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'farthing-sdk/0.1.0',
        ...(settings.apiKey === undefined ? {} : { authorization: `Bearer ${settings.apiKey}` }),
        ...(packed === undefined ? {} : { 'content-encoding': 'gzip' }),
      },
      body: packed ?? text,
      redirect: 'error',
      signal: AbortSignal.timeout(settings.requestTimeoutMs),
    });
    return await outcomeOf(response, events.length);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'retry', afterMs: null, message: `${settings.url} cannot be reached: ${reason}` };
  }
}

async function outcomeOf(response: Response, sent: number): Promise<BatchOutcome> {
  const body: unknown = await response.json().catch(() => null);
  const results = resultsOf(body);
  const { status } = response;
  // Answers per event count for a 4xx too: a batch of one refused event may be one as a whole.
  if (status < 500 && results !== null && results.length === sent) return { kind: 'answered', results };
  const message = `the server answered ${status} ${messageOf(body)}`;
  if (status === 413 && sent > 1) return { kind: 'too-large' };
  if (status >= 500 || status === 408 || status === 425 || status === 429) {
    return { kind: 'retry', afterMs: pauseOf(response.headers.get('retry-after')), message };
  }
  if (response.ok)
    return { kind: 'retry', afterMs: null, message: `${message}, without an answer per event` };
  const advice = status === 401 || status === 403 ? '; check apiKey or FARTHING_API_KEY' : '';
  return { kind: 'refused', message: message + advice };
}

/** The list of per-item answers, bare or in the envelope. */
function resultsOf(body: unknown): readonly UsageEventResult[] | null {
  for (const candidate of [body, at(body, 'data'), at(at(body, 'data'), 'results'), at(body, 'results')]) {
    if (Array.isArray(candidate)) return candidate;
  }
  return null;
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as { [key: string]: unknown })[key] : undefined;
}

function messageOf(body: unknown): string {
  const message = at(at(body, 'error'), 'message');
  return typeof message === 'string' ? message.slice(0, 300) : '';
}

/** Seconds or an HTTP date, as milliseconds from now; at most five minutes. */
function pauseOf(header: string | null): number | null {
  if (header === null) return null;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), LONGEST_PAUSE_MS) : null;
}

async function gzip(text: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (typeof CompressionStream === 'undefined') return undefined;
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
