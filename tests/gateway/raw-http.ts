/** HTTP by hand: a client and an upstream that send and see exact bytes. */
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';

/** Everything a peer sent on one connection, and how it ended. */
export interface RawAnswer {
  readonly bytes: Buffer;
  /** `end`: in order; `reset`: broken off by the peer's kernel; `open`: we stopped waiting. */
  readonly ended: 'end' | 'reset' | 'open';
}

export interface RawClient {
  readonly socket: Socket;
  /** What came so far. */
  received(): Buffer;
  /** Waits until `done` says yes of what came, or the peer ends. */
  until(done: (bytes: Buffer) => boolean): Promise<Buffer>;
  /** Waits for the end of the connection. */
  ended(): Promise<RawAnswer>;
}

export async function connect(url: string): Promise<RawClient> {
  const { hostname, port } = new URL(url);
  const socket = net.connect(Number(port), hostname);
  let bytes = Buffer.alloc(0);
  let ended: RawAnswer['ended'] = 'open';
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
  });
  socket.on('error', () => {
    ended = 'reset';
  });
  socket.on('end', () => {
    ended = 'end';
  });
  await once(socket, 'connect');
  const closed = once(socket, 'close').catch(() => undefined);
  return {
    socket,
    received: () => bytes,
    until: (done) =>
      new Promise((resolve) => {
        const look = () => {
          if (!done(bytes) && !socket.closed) return;
          socket.off('data', look).off('close', look);
          resolve(bytes);
        };
        socket.on('data', look).on('close', look);
        look();
      }),
    ended: async () => {
      await closed;
      return { bytes, ended };
    },
  };
}

/** Sends one request and collects its answer, until it is whole or the connection ends. */
export async function rawCall(url: string, request: string | Buffer): Promise<RawAnswer> {
  const client = await connect(url);
  client.socket.write(request);
  const whole = () => readAnswer({ bytes: client.received(), ended: 'open' })?.whole === true;
  await client.until(whole);
  const answer = whole() ? { bytes: client.received(), ended: 'open' as const } : await client.ended();
  client.socket.destroy();
  return answer;
}

/** A JSON POST as bytes. */
export function post(
  path: string,
  body: unknown,
  headers: readonly string[] = [],
  connection = 'close',
): Buffer {
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: whoever.example',
    'Content-Type: application/json',
    `Content-Length: ${bytes.length}`,
    `Connection: ${connection}`,
    ...headers,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), bytes]);
}

/** An answer taken apart. */
export interface ReadAnswer {
  readonly statusLine: string;
  /** `name: value` in order, hop-by-hop ones left out. */
  readonly headers: readonly string[];
  readonly body: Buffer;
  /** The body ended where its framing says. */
  readonly whole: boolean;
}

/** What the gateway adds to an answer: the id of its event. */
const OWN = /^x-farthing-event-id:/i;
const HOP_BY_HOP = /^(?:connection|keep-alive|transfer-encoding|trailer|te|upgrade|proxy-connection):/i;

/** Takes a final answer apart; 1xx before it are left out. */
export function readAnswer({ bytes, ended }: RawAnswer): ReadAnswer | null {
  const at = bytes.indexOf('\r\n\r\n');
  if (at === -1) return null;
  const [statusLine = '', ...headers] = bytes.subarray(0, at).toString('latin1').split('\r\n');
  const rest = bytes.subarray(at + 4);
  if (/ 1\d\d /.test(statusLine)) return readAnswer({ bytes: rest, ended });
  const field = (name: string) =>
    headers
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
  const kept = headers.filter((line) => !HOP_BY_HOP.test(line) && !OWN.test(line));
  if (/chunked/i.test(field('transfer-encoding') ?? ''))
    return { statusLine, headers: kept, ...dechunk(rest) };
  const length = / (?:204|304) /.test(statusLine) ? '0' : field('content-length');
  const whole = length === undefined ? ended === 'end' : rest.length >= Number(length);
  return { statusLine, headers: kept, body: rest, whole };
}

function dechunk(bytes: Buffer): { body: Buffer; whole: boolean } {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const line = bytes.indexOf('\r\n', at);
    if (line === -1) return { body: Buffer.concat(parts), whole: false };
    const size = Number.parseInt(bytes.subarray(at, line).toString('latin1'), 16);
    if (size === 0) return { body: Buffer.concat(parts), whole: true };
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}

/** A request as the upstream saw it. */
export interface SeenRequest {
  readonly head: string;
  readonly body: Buffer;
  readonly socket: Socket;
}

export interface RawUpstream {
  readonly url: string;
  readonly requests: SeenRequest[];
  /** Connections open now. */
  readonly open: number;
  /** Connections since the start. */
  readonly connections: number;
  /** Resolves when the n-th request (from 0) has arrived. */
  request(index: number): Promise<SeenRequest>;
  /** Resolves when no connection is open. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}

/** An upstream that answers every whole request with what `answer` writes on the socket. */
export async function startRawUpstream(
  answer: (request: SeenRequest, index: number) => void | Promise<void>,
): Promise<RawUpstream> {
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = net.createServer((socket) => {
    sockets.add(socket);
    connections += 1;
    let bytes = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      server.emit('quieter');
    });
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      const at = bytes.indexOf('\r\n\r\n');
      if (at === -1) return;
      const head = bytes.subarray(0, at).toString('latin1');
      const rest = bytes.subarray(at + 4);
      const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      const chunked = /^transfer-encoding: *chunked/im.test(head);
      if (chunked ? !rest.toString('latin1').endsWith('0\r\n\r\n') : rest.length < length) return;
      bytes = Buffer.alloc(0);
      const seen = { head, body: chunked ? dechunk(rest).body : rest, socket };
      requests.push(seen);
      server.emit('asked');
      void answer(seen, requests.length - 1);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get open() {
      return sockets.size;
    },
    get connections() {
      return connections;
    },
    request: async (index) => {
      for (;;) {
        const seen = requests[index];
        if (seen !== undefined) return seen;
        await once(server, 'asked');
      }
    },
    quiet: async () => {
      while (sockets.size > 0) await once(server, 'quieter');
    },
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      if (server.listening) await once(server, 'close');
    },
  };
}
