/** Settings of the server: validated, nested, with units in their names. Made from {@link Env} once, at start. */
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { MOST_RETENTION_DAYS } from '@farthing/contract';
import { canonicalProvider, PICOS_PER_USD, parseUsd } from '@farthing/pricing';
import { withoutTrailing } from '@farthing/pricing/extract';
import type { Env } from './env.ts';
import { baseUrlVariable } from './gateway/providers/base-url-variables.ts';
import { OFFERED_PROVIDERS } from './gateway/providers/offered.ts';
import type { GatewaySettings } from './gateway/settings.ts';
import { VARIABLES, type VariableName } from './settings-table.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Fewest characters of a key the operator chooses: below that it could be guessed. */
export const MIN_ADMIN_KEY_LENGTH = 32;

export interface HttpConfig {
  /** 0 = any free one. */
  readonly port: number;
  readonly host: string;
  /** Body bound of the event routes, bytes as sent. */
  readonly bodyLimitBytes: number;
  /** Body bound after decompression. */
  readonly inflatedLimitBytes: number;
  /** Memory for all event bodies at once. */
  readonly bodyMemoryBytes: number;
  readonly requestTimeoutMs: number;
  readonly maxConnections: number;
  readonly streamClients: number;
  readonly drainMs: number;
  /** Address that people type into a browser; null = the address the server listens on. No trailing slash. */
  readonly publicUrl: string | null;
  /** Addresses and networks (`10.1.0.0/16`) of proxies whose `X-Forwarded-…` headers are trusted; empty: none are. */
  readonly trustedProxies: readonly string[];
  /** Words for the top of every dashboard page. */
  readonly notice: string | null;
}

export interface Config {
  readonly http: HttpConfig;
  readonly database: {
    /** Null = start the embedded PostgreSQL. */
    readonly url: string | null;
    readonly connections: number;
  };
  readonly gateway: GatewaySettings;
  /** Absolute path. */
  readonly dataDir: string;
  readonly adminKey: string | null;
  readonly logLevel: LogLevel;
  readonly recording: {
    readonly enabled: boolean;
    readonly terms: {
      readonly tier: 'production' | 'development';
      /** Canonical names of providers that are charged as they state. */
      readonly reported: readonly string[];
    };
    readonly spoolBytes: number;
  };
  readonly agents: {
    /** Monthly limit of an agent without its own. */
    readonly defaultLimitPicos: bigint;
  };
  /** Prices over the installed ones: JSON or the path of a file; null = none. */
  readonly priceOverrides: string | null;
  readonly retention: {
    /** Most days that any tenant's events are kept; null = no limit. */
    readonly days: number | null;
  };
  readonly jobs: {
    /** False: this process takes no part in periodic work. */
    readonly enabled: boolean;
  };
}

/** The environment asks for something impossible. Names every variable at fault and what it accepts. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/**
 * Turns the environment into settings. Throws {@link ConfigError} with all problems at once.
 *
 * @example const config = loadConfig(readEnv());
 */
export function loadConfig(env: Env): Config {
  const read = new Reader(env);
  const config: Config = {
    http: {
      port: read.integer('PORT', 0, 65_535),
      host: read.text('HOST'),
      bodyLimitBytes: read.integer('FARTHING_BODY_LIMIT_BYTES', 1_024, 268_435_456),
      inflatedLimitBytes: read.integer('FARTHING_INFLATED_LIMIT_BYTES', 1_024, 1_073_741_824),
      bodyMemoryBytes: read.integer('FARTHING_BODY_MEMORY_BYTES', 1_048_576, 1_099_511_627_776),
      requestTimeoutMs: read.integer('FARTHING_REQUEST_TIMEOUT_MS', 1_000, 600_000),
      maxConnections: read.integer('FARTHING_MAX_CONNECTIONS', 1, 1_000_000),
      streamClients: read.integer('FARTHING_STREAM_CLIENTS', 0, 100_000),
      drainMs: read.integer('FARTHING_DRAIN_MS', 0, 600_000),
      trustedProxies: read.networks('FARTHING_TRUSTED_PROXIES'),
      notice: read.text('FARTHING_NOTICE') || null,
      publicUrl: read.text('FARTHING_PUBLIC_URL') === '' ? null : read.httpUrl('FARTHING_PUBLIC_URL'),
    },
    database: {
      url: read.databaseUrl(),
      connections: read.integer('FARTHING_DB_CONNECTIONS', 2, 1_000),
    },
    gateway: {
      baseUrls: read.baseUrls(),
      durability: read.choice('FARTHING_GATEWAY_DURABILITY', ['strict', 'relaxed']),
      onClientDisconnect: read.choice('FARTHING_ON_CLIENT_DISCONNECT', ['abort', 'read_on']),
      readOnMs: read.integer('FARTHING_READ_ON_MS', 0, 3_600_000),
      askStreamUsage: read.flag('FARTHING_GATEWAY_STREAM_USAGE'),
      bodyLimitBytes: read.integer('FARTHING_GATEWAY_BODY_LIMIT_BYTES', 1_024, 1_073_741_824),
      calls: read.integer('FARTHING_GATEWAY_CALLS', 1, 65_536),
      waiting: read.integer('FARTHING_GATEWAY_WAITING', 0, 65_536),
      waitMs: read.integer('FARTHING_GATEWAY_WAIT_MS', 0, 600_000),
      memoryBytes: read.integer('FARTHING_GATEWAY_MEMORY_BYTES', 1_048_576, Number.MAX_SAFE_INTEGER),
      upstreamTimeoutMs: read.integer('FARTHING_UPSTREAM_TIMEOUT_MS', 1_000, 3_600_000),
    },
    dataDir: resolve(read.text('FARTHING_DATA_DIR')),
    adminKey: read.adminKey(),
    logLevel: read.choice('FARTHING_LOG_LEVEL', LOG_LEVELS),
    recording: {
      enabled: read.flag('FF_COST_TRACKING'),
      terms: {
        tier: read.choice('COST_TRACKING_TIER', ['production', 'development']),
        reported: read.providers('COST_CHARGE_REPORTED'),
      },
      spoolBytes: read.integer('FARTHING_SPOOL_BYTES', 1_048_576, Number.MAX_SAFE_INTEGER),
    },
    agents: { defaultLimitPicos: read.usd('AGENT_MAX_MONTHLY_COST_USD', 1_000_000_000n) },
    priceOverrides: read.text('COST_PRICING_OVERRIDES').trim() || null,
    retention: {
      days:
        read.text('FARTHING_RETENTION_DAYS') === ''
          ? null
          : read.integer('FARTHING_RETENTION_DAYS', 1, MOST_RETENTION_DAYS),
    },
    jobs: { enabled: read.flag('FARTHING_JOBS') },
  };
  if (read.problems.length > 0) throw new ConfigError(read.problems);
  return config;
}

function isNetwork(text: string): boolean {
  const [, address = '', prefix] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0 || prefix === undefined) return version !== 0;
  return Number(prefix) >= 1 && Number(prefix) <= (version === 4 ? 32 : 128);
}

const PLAIN_DECIMAL = /^\d{1,20}(\.\d{1,12})?$/;
const defaults = new Map<VariableName, string | null>(VARIABLES.map((one) => [one.name, one.default]));

/** Reads typed values and collects what is wrong with them, never showing the value of a secret. */
class Reader {
  readonly problems: string[] = [];
  readonly #env: Env;

  constructor(env: Env) {
    this.#env = env;
  }

  text(name: VariableName): string {
    return this.#env[name] ?? defaults.get(name) ?? '';
  }

  integer(name: VariableName, min: number, max: number): number {
    const text = this.text(name);
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    this.problems.push(`${name} must be a whole number from ${min} to ${max}, not "${text}"`);
    return min;
  }

  choice<const T extends string>(name: VariableName, accepted: readonly T[]): T {
    const text = this.text(name).toLowerCase();
    const found = accepted.find((one) => one === text);
    if (found !== undefined) return found;
    this.problems.push(`${name} must be one of ${accepted.join(', ')}, not "${text}"`);
    return accepted[0] as T;
  }

  /** Canonical names of a comma-separated list; `none` is the empty one. */
  providers(name: VariableName): readonly string[] {
    const text = this.text(name).trim().toLowerCase();
    if (text === '' || text === 'none') return [];
    return text.split(',').map((one) => canonicalProvider(one.trim()));
  }

  /** Addresses and networks of a comma-separated list. Not everybody: a network has a prefix of at least one bit. */
  networks(name: VariableName): readonly string[] {
    const list = this.text(name)
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '');
    const wrong = list.find((one) => !isNetwork(one));
    if (wrong === undefined) return list;
    this.problems.push(
      `${name} must be a comma-separated list of addresses and networks, such as 10.0.0.7, 10.1.0.0/16 or fd00::/8, not "${wrong}"`,
    );
    return [];
  }

  /** An amount in picos, with a maximum in dollars. */
  usd(name: VariableName, max: bigint): bigint {
    const text = this.text(name).trim();
    const picos = PLAIN_DECIMAL.test(text) ? parseUsd(text) : -1n;
    if (picos >= 0n && picos <= max * PICOS_PER_USD) return picos;
    this.problems.push(
      `${name} must be an amount in USD from 0 to ${max}, such as 50 or 12.50, not "${text}"`,
    );
    return 0n;
  }

  flag(name: VariableName): boolean {
    const text = this.text(name).toLowerCase();
    if (['true', '1', 'yes', 'on'].includes(text)) return true;
    if (['false', '0', 'no', 'off'].includes(text)) return false;
    this.problems.push(`${name} must be true or false, not "${text}"`);
    return true;
  }

  /** Without a slash at its end. */
  httpUrl(name: VariableName): string {
    const text = this.text(name);
    if (/^https?:\/\//.test(text) && URL.canParse(text)) return withoutTrailing(text, '/');
    this.problems.push(`${name} must be a URL that begins with http:// or https://`);
    return text;
  }

  /** Base URL of each gateway provider; absent where it has no default and the operator set none. */
  baseUrls(): GatewaySettings['baseUrls'] {
    const set = OFFERED_PROVIDERS.filter(({ id }) => this.text(baseUrlVariable(id)) !== '');
    return Object.fromEntries(set.map(({ id }) => [id, this.httpUrl(baseUrlVariable(id))]));
  }

  databaseUrl(): string | null {
    const text = this.#env.DATABASE_URL;
    if (text === undefined) return null;
    if (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text)) return text;
    this.problems.push('DATABASE_URL must be a URL that begins with postgres:// or postgresql://');
    return null;
  }

  adminKey(): string | null {
    const text = this.#env.FARTHING_ADMIN_KEY;
    if (text === undefined) return null;
    if (text.length < MIN_ADMIN_KEY_LENGTH) {
      this.problems.push(
        `FARTHING_ADMIN_KEY must have at least ${MIN_ADMIN_KEY_LENGTH} characters; it has ${text.length}`,
      );
    } else if (/^\s|\s$|\p{Cc}/u.test(text)) {
      this.problems.push(
        'FARTHING_ADMIN_KEY must not begin or end with a space or contain control characters: an HTTP header cannot carry them',
      );
    }
    return text;
  }
}
