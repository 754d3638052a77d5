/**
 * A local stand-in for OpenAI and Anthropic: both shapes on one port, JSON and SSE, deterministic answers,
 * scripted faults. The demo, the tests and the benchmarks call it; it never leaves the machine.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorBody, errorHeaders, type Fault, parseFault } from './faults.ts';
import { type Body, digestOf, type FakeRequest, idFrom, isObject, text } from './request.ts';
import { type Dialect, getAnswer, postRoute } from './routes.ts';
import { type Outcome, type Pacing, sendJson, sendStream, type Wire } from './send.ts';

export { FAULT_NAMES } from './faults.ts';
export type { Pacing } from './send.ts';

/** Pacing that feels like a hosted model. */
export const REAL_PACING: Pacing = { firstTokenMs: 350, perChunkMs: 25 };

export interface FakeProviderOptions {
  /** 0, the default: any free port. */
  readonly port?: number;
  readonly host?: string;
  /** Absent: as fast as it goes. */
  readonly pacing?: Pacing;
  /** A fault for every request that names none itself, e.g. `'429'` or `'cut-mid-stream'`. */
  readonly scenario?: string;
  /**
   * `false`, the default: an answer's bytes depend on the request alone (path, body, and the second this
   * server started), so that two ways to the same answer can be compared byte for byte.
   * `true`: ids differ per request and `created` is the time of the call, as with a real provider.
   */
  readonly live?: boolean;
  /** How many requests {@link FakeProvider.requests} keeps; default 1000. 0 for long benchmarks. */
  readonly keepRequests?: number;
}

/** A request as it arrived. */
export interface SeenRequest {
  readonly method: string;
  /** Path with query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Names and values as sent, order and case kept. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** `open` until the answer has ended. */
  outcome: Outcome | 'open';
}

export interface FakeProvider {
  /** `http://127.0.0.1:port`: the base URL of `@anthropic-ai/sdk`. */
  readonly url: string;
  /** {@link url} with `/v1`: the base URL of `openai`. */
  readonly openaiUrl: string;
  readonly port: number;
  /** The newest requests, oldest first. */
  readonly requests: readonly SeenRequest[];
  /** Requests since the start, forgotten ones included. */
  readonly total: number;
  /** Changes the fault of requests that name none; `undefined` heals. */
  setScenario(fault: string | undefined): void;
  /** Stops at once; open streams are cut. */
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 64 * 1024 * 1024;
const NO_PACING: Pacing = { firstTokenMs: 0, perChunkMs: 0 };
const HEALTHY: Fault = { damage: { kind: 'none' } };

interface State {
  readonly options: FakeProviderOptions;
  readonly started: number;
  /** Makes the ids of a live provider differ from those of any other start. */
  readonly seed: string;
  readonly requests: SeenRequest[];
  readonly failedOnce: Set<string>;
  total: number;
  scenario: string | undefined;
}

/**
 * Starts the provider on 127.0.0.1.
 *
 * Headers a caller may add: `x-fake-fault` (see `faults.ts`; a model named `fault-…` does the same),
 * `x-fake-encoding: gzip`, `x-fake-split: <bytes per write>`.
 *
 * @example
 * const provider = await startFakeProvider({ pacing: REAL_PACING });
 * const client = new OpenAI({ baseURL: provider.openaiUrl, apiKey: 'any' });
 */
export async function startFakeProvider(options: FakeProviderOptions = {}): Promise<FakeProvider> {
  const state: State = {
    options,
    started: Math.floor(Date.now() / 1000),
    requests: [],
    failedOnce: new Set(),
    seed: randomUUID(),
    total: 0,
    scenario: options.scenario,
  };
  const server = createServer({ maxHeaderSize: 64 * 1024 }, (incoming, response) => {
    handle(state, incoming, response).catch(() => response.socket?.destroy());
  });
  server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://${options.host ?? '127.0.0.1'}:${port}`;
  return {
    url,
    openaiUrl: `${url}/v1`,
    port,
    requests: state.requests,
    get total() {
      return state.total;
    },
    setScenario(fault) {
      state.scenario = fault;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function handle(state: State, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const bytes = await readBody(incoming);
  const seen: SeenRequest = {
    method: incoming.method ?? 'GET',
    url: incoming.url ?? '/',
    headers: incoming.headers,
    rawHeaders: incoming.rawHeaders,
    body: bytes ?? Buffer.alloc(0),
    outcome: 'open',
  };
  state.total += 1;
  remember(state, seen);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  seen.outcome = await answer(state, seen, response, gone.signal, bytes === undefined);
}

function remember(state: State, seen: SeenRequest): void {
  const keep = state.options.keepRequests ?? 1000;
  if (keep === 0) return;
  state.requests.push(seen);
  if (state.requests.length > keep) state.requests.shift();
}

async function answer(
  state: State,
  seen: SeenRequest,
  response: ServerResponse,
  signal: AbortSignal,
  tooLarge: boolean,
): Promise<Outcome> {
  const path = new URL(seen.url, 'http://fake').pathname;
  const route = seen.method === 'POST' ? postRoute(path) : undefined;
  const dialect: Dialect =
    route?.dialect ?? (seen.headers['anthropic-version'] === undefined ? 'openai' : 'anthropic');
  const body = parse(seen.body);
  const model = text(body?.['model']) ?? '';
  const salt = state.options.live === true ? `${state.seed}/${state.total}` : '';
  const digest = digestOf(path, body ?? {}, salt);
  const name = faultName(state, seen, model);
  const scripted = name === undefined ? HEALTHY : parseFault(name);
  const fault = scripted ?? HEALTHY;
  const requestId = idFrom('req_', digest, 12);
  const wire: Wire = {
    pacing: state.options.pacing ?? NO_PACING,
    damage: fault.damage,
    headers: { ...usualHeaders(dialect, requestId), ...fault.headers },
    gzip: seen.headers['x-fake-encoding'] === 'gzip',
    split: Number(seen.headers['x-fake-split'] ?? 0),
    signal,
  };
  const created = state.options.live === true ? Math.floor(Date.now() / 1000) : state.started;
  const refuse = (status: number, message?: string) =>
    sendJson(
      response,
      {
        kind: 'json',
        status,
        body: errorBody(dialect, status, requestId, message),
        headers: errorHeaders(status),
      },
      wire,
    );
  if (tooLarge) return refuse(413);
  if (scripted === undefined) return refuse(400, `There is no fault named ${name}.`);
  if (fault.status !== undefined && firstTime(state, fault, digest)) return refuse(fault.status);
  if (seen.method === 'GET') {
    const found = getAnswer(path, dialect, created);
    return found === undefined
      ? refuse(404)
      : sendJson(response, { kind: 'json', status: 200, body: found }, wire);
  }
  if (route === undefined) return refuse(404, `Invalid URL (${seen.method} ${path})`);
  if (body === undefined) return refuse(400, 'We could not parse the JSON body of your request.');
  if (model === '') return refuse(400, 'you must provide a model parameter');
  const request: FakeRequest = {
    path,
    body,
    model,
    stream: body['stream'] === true,
    digest,
    created,
    usage: fault.usage ?? 'normal',
  };
  const reply = route.answer(request);
  return reply.kind === 'json' ? sendJson(response, reply, wire) : sendStream(response, reply, wire);
}

function faultName(state: State, seen: SeenRequest, model: string): string | undefined {
  const header = seen.headers['x-fake-fault'];
  const name = typeof header === 'string' ? header : model.startsWith('fault-') ? model : state.scenario;
  return name?.replace(/^fault-/, '');
}

/** False for the second and later requests of a fault that happens once. */
function firstTime(state: State, fault: Fault, digest: string): boolean {
  if (fault.once !== true) return true;
  if (state.failedOnce.has(digest)) return false;
  state.failedOnce.add(digest);
  return true;
}

function usualHeaders(dialect: Dialect, requestId: string): Record<string, string> {
  if (dialect === 'anthropic') {
    return { 'request-id': requestId, 'anthropic-organization-id': '00000000-0000-4000-8000-000000000000' };
  }
  return {
    'x-request-id': requestId,
    'openai-organization': 'farthing-fake',
    'openai-processing-ms': '42',
    'openai-version': '2020-10-01',
    'x-ratelimit-limit-requests': '10000',
    'x-ratelimit-remaining-requests': '9999',
  };
}

function parse(bytes: Buffer): Body | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The whole body; nothing where it is larger than the bound. */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return size > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks);
}
