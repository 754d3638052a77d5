/** Options of the client, with their defaults and bounds. */
import { withoutTrailing } from '@farthing/pricing/extract';
import type { Attribution } from './attribution.ts';
import { readEnvironment } from './env.ts';

/** Something about recording went wrong; the model call it belongs to is not affected. */
export interface DeliveryError {
  /** `rejected`: the server refused an event. `dropped`: the queue was full. `unreachable`: will be tried again. */
  readonly kind: 'rejected' | 'dropped' | 'unreachable' | 'internal';
  /** What is wrong and what to do. */
  readonly message: string;
  /** Events it concerns. */
  readonly eventIds: readonly string[];
  readonly cause?: unknown;
}

export interface FarthingOptions {
  /** Of the Farthing server. Default `FARTHING_URL`, else `http://127.0.0.1:4141`. */
  readonly url?: string;
  /** A tenant's or an admin key. Default `FARTHING_API_KEY`. */
  readonly apiKey?: string;
  /** Attribution of every event, under what `withAttribution` says. */
  readonly attribution?: Attribution;
  /** Off: nothing is wrapped or recorded. Default `FF_COST_TRACKING`, else on. */
  readonly costTracking?: boolean;
  /** Events per request; reaching it sends at once. Default `COST_BATCH_SIZE`, else 50. */
  readonly batchSize?: number;
  /** Longest time an event waits for company. Default `COST_FLUSH_INTERVAL_MS`, else 5000. */
  readonly flushIntervalMs?: number;
  /** Bound of what waits, in bytes of JSON; beyond it new events are dropped and counted. Default 16 MiB. */
  readonly maxQueueBytes?: number;
  /** Longest time one request to Farthing may take. Default 10000. */
  readonly requestTimeoutMs?: number;
  /** Longest time a process end is held up for the last events. Default 3000. */
  readonly exitFlushMs?: number;
  /** Flush when the process ends (`beforeExit`, `SIGTERM`). Default true. */
  readonly flushOnExit?: boolean;
  /** Called for events that were not delivered. Default: a warning on the console, at most one a minute. */
  readonly onError?: (error: DeliveryError) => void;
  /** For tests and runtimes with a fetch of their own. */
  readonly fetch?: typeof globalThis.fetch;
}

/** Options with every default filled in. */
export type Settings = Required<Omit<FarthingOptions, 'apiKey'>> & { readonly apiKey: string | undefined };

/** Fills the defaults; throws on an invalid URL, which is a mistake in the program, not in a call. */
export function settingsOf(options: FarthingOptions): Settings {
  const env = readEnvironment();
  const url = options.url ?? env.url ?? 'http://127.0.0.1:4141';
  if (!URL.canParse(url)) throw new TypeError(`Farthing's url is not a URL: ${url}`);
  return {
    url: withoutTrailing(url, '/'),
    apiKey: options.apiKey ?? env.apiKey,
    attribution: options.attribution ?? {},
    costTracking: options.costTracking ?? env.costTracking,
    // The most that one request may hold: MAX_BATCH_ITEMS of the contract, of which only types are imported here.
    batchSize: Math.min(Math.max(1, options.batchSize ?? env.batchSize ?? 50), 10_000),
    flushIntervalMs: Math.max(1, options.flushIntervalMs ?? env.flushIntervalMs ?? 5000),
    maxQueueBytes: options.maxQueueBytes ?? 16 * 1024 * 1024,
    requestTimeoutMs: options.requestTimeoutMs ?? 10_000,
    exitFlushMs: options.exitFlushMs ?? 3000,
    flushOnExit: options.flushOnExit ?? true,
    onError: options.onError ?? warnSometimes(),
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
  };
}

function warnSometimes(): (error: DeliveryError) => void {
  let next = Number.NEGATIVE_INFINITY;
  return (error) => {
    if (performance.now() < next) return;
    next = performance.now() + 60_000;
    console.warn(`Cost recording failed (${error.kind}): ${error.message}`);
  };
}
