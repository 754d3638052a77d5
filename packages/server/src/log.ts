/** Structured logs: JSON lines on stdout, secrets removed before they are written. */
import { mergeSegments, printUsd, tokenTotals } from '@farthing/pricing';
import { type DestinationStream, destination, type LevelWithSilent, type Logger, pino } from 'pino';
import type { UsageEvent } from './ledger/usage-event.ts';
import type { RecorderLog } from './record/recorder.ts';

export type ServerLog = Logger;

export interface LogOptions {
  readonly level: LevelWithSilent;
  /** Values that must never be printed, wherever they stand: the operator's admin key, a database password. */
  readonly secrets?: readonly string[];
  /** The destination of lines; stdout if absent. */
  readonly stream?: DestinationStream;
}

const REDACTED = '[redacted]';
/** Most characters of a name in a line; the entry points accept half as many. */
const LONGEST_NAME = 512;

/** Credentials by their form: our keys, provider keys, bearer tokens. Passwords in connection strings follow. */
const SECRET_FORMS: readonly (readonly [RegExp, string])[] = [
  [
    /\b(?:frt_[0-9A-Za-z]{8,}|(?:sk|pk|rk|xai|gsk|r8|hf)[-_][\w-]{12,}|AIza[\w-]{20,}|AKIA[0-9A-Z]{12,})/g,
    REDACTED,
  ],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${REDACTED}`],
];

/** Within bounds: a line may be long, and each of its colons the beginning of one. */
const URL_PASSWORD = /(:\/\/[^\s:/@"]{1,256}:)[^\s@"]{1,1024}@/g;

/** Header and field names whose value is a secret by definition, at any depth of a line. */
const SECRET_FIELDS =
  /"((?:proxy-)?authorization|(?:set-)?cookie|x-farthing-key|x-api-key|x-goog-api-key|api[-_]?key|password|secret)":"(?:[^"\\]|\\.)*"/gi;

/** Flushes of the buffered lines; a crash loses at most this much of the log, never of the ledger. */
const FLUSH_MS = 200;

/**
 * Makes the logger. Lines are buffered for a moment, so that one line per recorded call costs little.
 *
 * @example const log = createLog({ level: 'info', secrets: [adminKey] });
 */
export function createLog(options: LogOptions): ServerLog {
  const stream = options.stream ?? bufferedStdout();
  const scrub = scrubber(options.secrets ?? []);
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: {
        err: pino.stdSerializers.err,
        error: (value: unknown) => (value instanceof Error ? pino.stdSerializers.err(value) : value),
      },
      hooks: { streamWrite: scrub },
    },
    stream,
  );
}

/** Removes everything that looks like a credential, and the given values, from a line. */
export function scrubber(secrets: readonly string[]): (line: string) => string {
  const literal = secrets
    .filter((secret) => secret.length >= 8)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  return (line) => {
    let clean = line;
    for (const secret of literal) clean = clean.replaceAll(secret, REDACTED);
    clean = clean.replace(SECRET_FIELDS, `"$1":"${REDACTED}"`);
    for (const [form, replacement] of SECRET_FORMS) clean = clean.replace(form, replacement);
    // Few lines hold a URL, and looking for one word by word is the dearest of these searches.
    if (clean.includes('://')) clean = clean.replace(URL_PASSWORD, `$1${REDACTED}@`);
    return clean;
  };
}

function bufferedStdout(): DestinationStream {
  const stdout = destination({ dest: 1, sync: false, minLength: 8_192 });
  setInterval(() => stdout.flush(), FLUSH_MS).unref();
  process.on('exit', () => stdout.flushSync());
  return stdout;
}

/** How the recorder's news are logged: one line per recorded call, loud ones for what could not be kept. */
export function recorderLog(log: ServerLog): RecorderLog {
  return {
    recorded(event, outcome) {
      if (!log.isLevelEnabled('info')) return;
      const { input, output } = tokensOf(event);
      const priced = 'costPicos' in outcome ? outcome : null;
      log.info(
        {
          tenant: brief(event.tenant),
          id: brief(event.id),
          outcome: outcome.status,
          ...(event.source === 'reported' ? {} : { source: event.source }),
          door: event.door,
          provider: brief(event.provider),
          model: brief(event.model),
          operation: event.operation,
          agent: brief(event.attribution?.agent),
          workflow: brief(event.attribution?.workflow),
          input_tokens: input,
          output_tokens: output,
          cost_usd: priced === null || priced.costPicos === null ? null : printUsd(priced.costPicos),
          ...(priced === null || priced.unpriced.length === 0 ? {} : { unpriced: priced.unpriced }),
        },
        'usage recorded',
      );
    },
    failed: (message, details) => log.error(details, message),
    notice: (message, details) => log.warn(details, message),
  };
}

/** Names of a refused event may be of any length. */
function brief(name: string | null): string | null {
  return typeof name === 'string' && name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;
}

/** An event of an old spool may have any form; it is refused, but still logged. */
function tokensOf({ segments }: UsageEvent): {
  readonly input: number | null;
  readonly output: number | null;
} {
  try {
    return tokenTotals(mergeSegments(segments));
  } catch {
    return { input: null, output: null };
  }
}
