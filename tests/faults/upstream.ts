/** A provider that misbehaves: a raw TCP server that answers each request in the way its header `x-kind` names. */
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { BODY_KINDS } from './body-kinds.ts';
import { HEAD_KINDS } from './head-kinds.ts';
import type { Kind } from './kind.ts';

/** Every way to answer that we thought of. */
export const KINDS: readonly Kind[] = [...HEAD_KINDS, ...BODY_KINDS];

export interface MisbehavingUpstream {
  readonly url: string;
  /** Connections open now. */
  readonly open: number;
  /** Requests whose head has arrived. */
  readonly asked: number;
  /** Resolves when no connection is open. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}

const BY_NAME: ReadonlyMap<string, Kind> = new Map(KINDS.map((kind) => [kind.name, kind]));

export async function startMisbehavingUpstream(): Promise<MisbehavingUpstream> {
  const sockets = new Set<Socket>();
  let asked = 0;
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    readRequests(socket, (kind) => {
      asked += 1;
      kind.answer(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    get open() {
      return sockets.size;
    },
    get asked() {
      return asked;
    },
    quiet: async () => {
      while (sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      if (server.listening) await once(server, 'close');
    },
  };
}

/** Calls `answer` for each request: when its body has arrived, or its head where the kind does not wait for more. */
function readRequests(socket: Socket, answer: (kind: Kind) => void): void {
  let bytes = Buffer.alloc(0);
  /** What is still to come of a body that was answered already. */
  let skip = 0;
  socket.on('data', (chunk) => {
    const skipped = Math.min(skip, chunk.length);
    skip -= skipped;
    bytes = Buffer.concat([bytes, chunk.subarray(skipped)]);
    const at = bytes.indexOf('\r\n\r\n');
    if (at === -1) return;
    const head = bytes.subarray(0, at).toString('latin1');
    const kind = BY_NAME.get(decodeURIComponent(/^x-kind: *(.*)$/im.exec(head)?.[1] ?? ''));
    if (kind === undefined) throw new Error(`there is no kind for ${head}`);
    const length = at + 4 + Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    if (kind.early !== true && bytes.length < length) return;
    skip = Math.max(0, length - bytes.length);
    bytes = bytes.subarray(Math.min(length, bytes.length));
    answer(kind);
  });
}
