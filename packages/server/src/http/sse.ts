/** Server-sent events: many listeners, each with a bounded buffer; a slow one is disconnected, never waited for. */
import type { ServerResponse } from 'node:http';
import { AppError } from '@farthing/contract';
import type { FastifyReply } from 'fastify';
import { createSeats, type Holder } from '../tenants/seats.ts';

/** One open stream. */
export interface EventStream {
  /** Sends one event; `data` is any JSON. False if the client was too slow and has been disconnected. */
  send(event: string, data: unknown, id?: string): boolean;
  /** Runs once when the stream ends, whichever side ended it. */
  onClose(run: () => void): void;
}

export interface StreamHub {
  /**
   * Takes over the reply and opens a stream; throws `overloaded` when there are too many, `rate_limited` when the
   * holder's key or tenant has its share. `stillAllowed` is asked with every heartbeat: a key revoked or a session ended
   * closes the stream. A question that fails leaves it open.
   */
  open(reply: FastifyReply, holder: Holder, stillAllowed: () => Promise<boolean>): EventStream;
  readonly size: number;
  /** Ends every stream and takes no more; clients come back by themselves. */
  close(): void;
}

export interface StreamHubOptions {
  readonly maxClients: number;
  /** Bytes a client may lag behind. */
  readonly maxBufferBytes?: number;
  /** A comment line this often keeps proxies from closing a quiet stream and finds dead clients. */
  readonly heartbeatMs?: number;
}

/** Milliseconds after which a client comes back when its stream ended. */
const RECONNECT_MS = 2_000;

/** Makes the hub all streams of the server live in. */
export function createStreamHub(options: StreamHubOptions): StreamHub {
  const { maxClients, maxBufferBytes = 262_144, heartbeatMs = 15_000 } = options;
  const seats = createSeats({ seats: maxClients, name: 'open streams', retryAfter: 10 });
  const streams = new Map<ServerResponse, { readonly beat: () => void }>();
  let closed = false;
  const heartbeat = setInterval(() => {
    for (const { beat } of streams.values()) beat();
  }, heartbeatMs);
  heartbeat.unref();

  return {
    get size() {
      return streams.size;
    },
    open(reply, holder, stillAllowed) {
      if (closed)
        throw new AppError('shutting_down', 'The server is stopping; come back shortly.', { retryAfter: 2 });
      const { raw } = reply;
      // A client that left meanwhile takes no place: no event would free it.
      const leave = raw.destroyed ? () => undefined : seats.take(holder);
      reply.hijack();
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) raw.setHeader(name, value);
      }
      raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      raw.socket?.setNoDelay(true);
      const write = (text: string): boolean => {
        if (raw.destroyed || raw.writableEnded) return false;
        if (raw.writableLength > maxBufferBytes) {
          raw.destroy();
          return false;
        }
        raw.write(text);
        return true;
      };
      const beat = () => {
        write(': \n\n');
        stillAllowed().then(
          (allowed) => {
            if (!allowed) raw.end();
          },
          () => undefined, // the database is away: keep the permission until it answers
        );
      };
      if (!raw.destroyed) streams.set(raw, { beat });
      raw.once('close', () => {
        streams.delete(raw);
        leave();
      });
      raw.on('error', () => raw.destroy());
      write(`retry: ${RECONNECT_MS}\n\n`);
      return {
        send: (event, data, id) =>
          write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
        onClose: (run) => {
          if (raw.destroyed) run();
          else raw.once('close', run);
        },
      };
    },
    close() {
      closed = true;
      clearInterval(heartbeat);
      for (const raw of streams.keys()) raw.end();
    },
  };
}
