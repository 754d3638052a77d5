/** An endpoint: what one URL and method does. Its file is found by its URL; `routes.ts` lists them all. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppContext } from '../context.ts';
import type { Access } from '../http/access.ts';

export interface Endpoint {
  readonly access: Access;
  /** `events`: a large body, handed over as bytes, gzip or plain. `json` (the default): a small JSON body. */
  readonly body?: 'json' | 'events';
  /** Largest body where it is not the usual one. */
  readonly bodyLimitBytes?: number;
  /** `long`: a stream that may stay open; no handler timeout. */
  readonly duration?: 'short' | 'long';
  /**
   * Answers the request. What it returns becomes `{success: true, data}`; throw an `AppError` to refuse.
   * Return {@link SENT} when the reply was sent or taken over by hand.
   */
  handle(context: AppContext, request: FastifyRequest, reply: FastifyReply): Promise<unknown> | unknown;
}

/** Says that the endpoint has answered by itself. */
export const SENT = Symbol('sent');
