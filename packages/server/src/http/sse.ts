/** Server-sent events: many listeners, each with a bounded buffer; a slow one is let go, never waited for. */
import type { FastifyReply, FastifyRequest } from 'fastify';

/** One open stream. */
export interface EventStream {
  /** Sends one event; `data` is any JSON. False when the client was too slow and has been let go. */
  send(event: string, data: unknown, id?: string): boolean;
  /** Runs once when the stream ends, whoever ended it. */
  onClose(run: () => void): void;
}

export interface StreamHub {
  /** Takes over the reply and opens a stream; throws `overloaded` when there are too many. */
  open(request: FastifyRequest, reply: FastifyReply): EventStream;
  readonly size: number;
  /** Ends every stream; clients come back by themselves. */
  close(): void;
}
