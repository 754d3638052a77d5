/**
 * Every setting of the server: its environment variable, its default and its meaning. `env.ts` reads them, `config.ts`
 * checks their values.
 */
import { BASE_URL_VARIABLES } from './gateway/providers/base-url-variables.ts';

/** One environment variable, as the documentation prints it. */
export interface Variable {
  readonly name: string;
  /** The default; null = none, the variable is optional. */
  readonly default: string | null;
  /** One sentence for `.env.example` and the configuration page. */
  readonly meaning: string;
  /** Never printed, not even by `farthing doctor`. */
  readonly secret?: true;
}

/** Every variable the server reads. `.env.example` and the docs are checked against this list. */
export const VARIABLES = [
  { name: 'PORT', default: '4141', meaning: 'Port to listen on; 0 takes any free one.' },
  {
    name: 'HOST',
    default: '127.0.0.1',
    meaning: 'Address to listen on; 0.0.0.0 makes the server reachable from other machines.',
  },
  {
    name: 'FARTHING_PUBLIC_URL',
    default: null,
    meaning:
      'Address people reach the dashboard by, such as https://farthing.example.com; unset: the one it listens on.',
  },
  {
    name: 'FARTHING_TRUSTED_PROXIES',
    default: null,
    meaning:
      'Proxies in front of the server, comma-separated addresses or networks (10.0.0.7, 10.1.0.0/16): only from them is X-Forwarded-For believed.',
  },
  {
    name: 'FARTHING_NOTICE',
    default: null,
    meaning: 'A sentence for the top of every dashboard page, such as "staging".',
  },
  {
    name: 'DATABASE_URL',
    default: null,
    meaning:
      'PostgreSQL 15 or newer, postgres://user:password@host:port/name. Unset: the embedded one is started.',
    secret: true,
  },
  {
    name: 'FARTHING_DATA_DIR',
    default: './.farthing',
    meaning: 'Folder of the embedded PostgreSQL and of the spool; one server at a time.',
  },
  {
    name: 'FARTHING_ADMIN_KEY',
    default: null,
    meaning:
      'Admin key, any string of 32 characters or more. Unset: one is made at the first start and shown once.',
    secret: true,
  },
  {
    name: 'FARTHING_LOG_LEVEL',
    default: 'info',
    meaning: 'Least severe log line: trace, debug, info, warn, error, fatal or silent.',
  },
  {
    name: 'FF_COST_TRACKING',
    default: 'true',
    meaning: 'false switches recording off: events are checked and answered "disabled", nothing is stored.',
  },
  {
    name: 'COST_TRACKING_TIER',
    default: 'production',
    meaning:
      'development charges 0 for every call and keeps its list cost; production charges the list cost.',
  },
  {
    name: 'COST_CHARGE_REPORTED',
    default: 'openrouter,xai,perplexity',
    meaning:
      'Providers whose own statement of what a call was charged is charged, where a response has one; none = never.',
  },
  {
    name: 'COST_PRICING_OVERRIDES',
    default: null,
    meaning: 'Your own prices over the installed ones: a JSON list of cards, or the path of a file with one.',
  },
  {
    name: 'AGENT_MAX_MONTHLY_COST_USD',
    default: '50',
    meaning: 'What an agent may spend in a month, USD, until it is given a limit of its own.',
  },
  {
    name: 'FARTHING_RETENTION_DAYS',
    default: null,
    meaning:
      'Days that events are kept at most, whatever their tenant asks for; their sums stay. Unset: for ever.',
  },
  {
    name: 'FARTHING_JOBS',
    default: 'true',
    meaning: 'false: this process leaves periodic work to another one on the same database.',
  },
  {
    name: 'FARTHING_DB_CONNECTIONS',
    default: '10',
    meaning: 'Most connections to PostgreSQL; periodic work has up to 4 of its own beside them.',
  },
  {
    name: 'FARTHING_BODY_LIMIT_BYTES',
    default: '16777216',
    meaning: 'Largest request body of the event routes, as sent; other routes take 1 MiB.',
  },
  {
    name: 'FARTHING_INFLATED_LIMIT_BYTES',
    default: '67108864',
    meaning: 'Largest request body after decompression.',
  },
  {
    name: 'FARTHING_BODY_MEMORY_BYTES',
    default: '268435456',
    meaning:
      'Most memory for the bodies of the event routes, as sent and unpacked; a tenant has at most half of what is free. No less than three of the largest bodies is taken.',
  },
  {
    name: 'FARTHING_REQUEST_TIMEOUT_MS',
    default: '60000',
    meaning: 'Longest time a client may take to send a whole request, and a handler to answer it.',
  },
  {
    name: 'FARTHING_MAX_CONNECTIONS',
    default: '4096',
    meaning: 'Most open client connections.',
  },
  {
    name: 'FARTHING_STREAM_CLIENTS',
    default: '256',
    meaning: 'Most clients listening to the live stream at once.',
  },
  {
    name: 'FARTHING_SPOOL_BYTES',
    default: '1073741824',
    meaning:
      'Most disk space for events that wait for PostgreSQL; beyond it new events are refused with 503.',
  },
  ...BASE_URL_VARIABLES,
  {
    name: 'FARTHING_GATEWAY_DURABILITY',
    default: 'strict',
    meaning:
      'strict: an answer ends only when its event is durable; relaxed: the event may follow a moment later.',
  },
  {
    name: 'FARTHING_ON_CLIENT_DISCONNECT',
    default: 'abort',
    meaning:
      'abort: the provider is stopped when the client goes away; read_on: its answer is read to the end for its usage.',
  },
  {
    name: 'FARTHING_READ_ON_MS',
    default: '60000',
    meaning: 'Longest reading on after a client has gone away.',
  },
  {
    name: 'FARTHING_GATEWAY_STREAM_USAGE',
    default: 'true',
    meaning:
      'Ask OpenAI streams for their usage where the caller does not, and keep the extra chunk from the caller.',
  },
  {
    name: 'FARTHING_GATEWAY_BODY_LIMIT_BYTES',
    default: '67108864',
    meaning: 'Largest request body of a recorded gateway call.',
  },
  {
    name: 'FARTHING_GATEWAY_CALLS',
    default: '2048',
    meaning:
      'Most gateway calls under way to one provider; a tenant has at most half of what is free, a key less.',
  },
  {
    name: 'FARTHING_GATEWAY_WAITING',
    default: '1024',
    meaning: 'Most gateway calls that wait for room; beyond it they are refused with 429 or 503.',
  },
  {
    name: 'FARTHING_GATEWAY_WAIT_MS',
    default: '10000',
    meaning: 'Longest time a gateway call waits for room.',
  },
  {
    name: 'FARTHING_GATEWAY_MEMORY_BYTES',
    default: '268435456',
    meaning:
      'Most memory for the request bodies of recorded gateway calls; no less than the largest body is taken.',
  },
  {
    name: 'FARTHING_UPSTREAM_TIMEOUT_MS',
    default: '600000',
    meaning: 'Longest wait for the first byte of a provider and between two pieces of its answer.',
  },
  {
    name: 'FARTHING_DRAIN_MS',
    default: '30000',
    meaning: 'Longest time a stop waits for requests and streams that are under way.',
  },
] as const satisfies readonly Variable[];

export type VariableName = (typeof VARIABLES)[number]['name'];
