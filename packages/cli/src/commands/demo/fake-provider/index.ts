/**
 * A local stand-in for OpenAI and Anthropic: both shapes on one port, JSON and SSE, deterministic answers. The demo and the
 * benchmarks call it, the tests with a script of faults (`tests/provider/`); it never leaves the machine.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorBody, errorHeaders } from './errors.ts';
import { digestOf, type FakeBody, type FakeRequest, idFrom, isFakeBody, stringIn } from './request.ts';
import { type Dialect, getAnswer, postRoute } from './routes.ts';
import { type AnswerWire, type Pacing, plainSending, type Sending, type SendOutcome } from './send.ts';

/** Pacing that feels like a hosted model. */
export const REAL_PACING: Pacing = { firstTokenMs: 350, perChunkMs: 25 };

export interface FakeProviderOptions {
  /** 0, the default: any free port. */
  readonly port?: number;
  readonly host?: string;
  /** Absent: as fast as it goes. */
  readonly pacing?: Pacing;
  /**
   * `false`, the default: an answer's bytes depend on the request alone (path, body, and the second this
   * server started), so that two ways to the same answer can be compared byte for byte.
   * `true`: ids differ per request and `created` is the time of the call, as with a real provider.
   */
  readonly live?: boolean;
  /** What to do with each request other than just answering it. */
  readonly script?: Script;
}

/** A request as it arrived. */
export interface ArrivedRequest {
  readonly method: string;
  /** Path with query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Names and values as sent, order and case kept. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** The model it names; empty where it names none. */
  readonly model: string;
  /** The same for the same request. */
  readonly digest: string;
}

/** What a script changes about a request; an absent member changes nothing. */
export interface ScriptedAnswer {
  /** Answer this HTTP error instead. */
  readonly refuse?: { readonly status: number; readonly message?: string };
  readonly usage?: FakeRequest['usage'];
  readonly headers?: Readonly<Record<string, string>>;
  readonly sending?: Sending;
  /** Called with how the answer ended. */
  ended?(how: SendOutcome): void;
}

export type Script = (request: ArrivedRequest) => ScriptedAnswer;

export interface FakeProvider {
  /** `http://127.0.0.1:port`: the base URL of `@anthropic-ai/sdk`. */
  readonly url: string;
  /** {@link url} with `/v1`: the base URL of `openai`. */
  readonly openaiUrl: string;
  readonly port: number;
  /** Stops at once; open streams are cut. */
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 64 * 1024 * 1024;
const NO_PACING: Pacing = { firstTokenMs: 0, perChunkMs: 0 };

interface State {
  readonly options: FakeProviderOptions;
  readonly started: number;
  /** Makes the ids of a live provider differ from those of any other start. */
  readonly seed: string;
  total: number;
}

/**
 * Starts the provider on 127.0.0.1.
 *
 * @example
 * const provider = await startFakeProvider({ pacing: REAL_PACING });
 * const client = new OpenAI({ baseURL: provider.openaiUrl, apiKey: 'any' });
 */
export async function startFakeProvider(options: FakeProviderOptions = {}): Promise<FakeProvider> {
  const state: State = {
    options,
    started: Math.floor(Date.now() / 1000),
    seed: randomUUID(),
    total: 0,
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
  state.total += 1;
  const url = incoming.url ?? '/';
  const path = new URL(url, 'http://fake').pathname;
  const body = bytes === undefined ? undefined : parse(bytes);
  const salt = state.options.live === true ? `${state.seed}/${state.total}` : '';
  const arrived: ArrivedRequest = {
    method: incoming.method ?? 'GET',
    url,
    headers: incoming.headers,
    rawHeaders: incoming.rawHeaders,
    body: bytes ?? Buffer.alloc(0),
    model: stringIn(body?.['model']) ?? '',
    digest: digestOf(path, body ?? {}, salt),
  };
  const direction = state.options.script?.(arrived) ?? {};
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const asked = { arrived, path, body, tooLarge: bytes === undefined };
  const ended = await answer(state, asked, direction, { response, signal: gone.signal });
  direction.ended?.(ended);
}

interface Asked {
  readonly arrived: ArrivedRequest;
  readonly path: string;
  readonly body: FakeBody | undefined;
  readonly tooLarge: boolean;
}

async function answer(
  state: State,
  { arrived, path, body, tooLarge }: Asked,
  direction: ScriptedAnswer,
  { response, signal }: { readonly response: ServerResponse; readonly signal: AbortSignal },
): Promise<SendOutcome> {
  const { method, headers, model, digest } = arrived;
  const route = method === 'POST' ? postRoute(path) : undefined;
  const dialect: Dialect =
    route?.dialect ?? (headers['anthropic-version'] === undefined ? 'openai' : 'anthropic');
  const requestId = idFrom('req_', digest, 12);
  const { sending = plainSending } = direction;
  const wire: AnswerWire = {
    pacing: state.options.pacing ?? NO_PACING,
    headers: { ...usualHeaders(dialect, requestId), ...direction.headers },
    signal,
  };
  const created = state.options.live === true ? Math.floor(Date.now() / 1000) : state.started;
  const refuse = (status: number, message?: string) =>
    sending.json(
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
  if (direction.refuse !== undefined) return refuse(direction.refuse.status, direction.refuse.message);
  if (method === 'GET') {
    const found = getAnswer(path, dialect, created);
    return found === undefined
      ? refuse(404)
      : sending.json(response, { kind: 'json', status: 200, body: found }, wire);
  }
  if (route === undefined) return refuse(404, `Invalid URL (${method} ${path})`);
  if (body === undefined) return refuse(400, 'We could not parse the JSON body of your request.');
  if (model === '') return refuse(400, 'you must provide a model parameter');
  const request: FakeRequest = {
    path,
    body,
    model,
    stream: body['stream'] === true,
    digest,
    created,
    usage: direction.usage ?? 'normal',
  };
  const reply = route.answer(request);
  return reply.kind === 'json' ? sending.json(response, reply, wire) : sending.stream(response, reply, wire);
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

function parse(bytes: Buffer): FakeBody | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isFakeBody(value) ? value : undefined;
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
