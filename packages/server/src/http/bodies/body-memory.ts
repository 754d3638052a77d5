/**
 * Memory for event bodies, shared by tenants and keys: a body is read and decompressed once there is room for it.
 * Without this limit, every connection could hold a large body in memory at the same time.
 */
import type { ServerResponse } from 'node:http';
import { AppError } from '@farthing/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { enter } from '../rooms/enter-room.ts';
import type { Taker } from '../rooms/fair-share.ts';
import { Places, Room, type Shortage } from '../rooms/room.ts';

/** A body up to this size needs no room: as many of them as there are connections are few bytes. */
const SMALL_BYTES = 65_536;
/** Most requests that wait for room, and how long one waits. */
const MOST_WAITING = 256;
const WAIT_MS = 10_000;
const RETRY_AFTER_SECONDS = 5;

export interface BodyMemoryOptions {
  /** Bytes of all bodies together; no less than `largest` is taken. */
  readonly bytes: number;
  /** Largest body, unpacked. */
  readonly largest: number;
}

/** Memory taken by a request; it is freed when the answer ends. */
interface Held {
  readonly places: Places;
  readonly response: ServerResponse;
}

export class BodyMemory {
  readonly #room: Room;
  readonly #held = new WeakMap<FastifyRequest, Held>();

  constructor({ bytes, largest }: BodyMemoryOptions) {
    // A single key may use a third of the room: the largest body, decompressed, must fit into that together with its
    // sent form.
    const size = Math.max(bytes, 3 * largest);
    this.#room = new Room({ size, waiting: MOST_WAITING, waitMs: WAIT_MS, refusal });
  }

  /** Makes the bodies of this scope wait for memory before they are read; it is freed when the answer ends. */
  shareOut(app: FastifyInstance): void {
    app.addHook('preParsing', async (request, reply, payload) => {
      const places = new Places();
      this.#held.set(request, { places, response: reply.raw });
      reply.raw.once('close', () => places.leave());
      await this.take(request, bytesAsSent(request));
      return payload;
    });
    app.addHook('onResponse', async (request) => this.#held.get(request)?.places.leave());
  }

  /**
   * Waits for so many bytes more, until the request is answered.
   *
   * @throws AppError `overloaded` where there is no room in time, `bad_request` where the client has left
   */
  async take(request: FastifyRequest, bytes: number): Promise<void> {
    const held = this.#held.get(request);
    if (held === undefined || bytes <= SMALL_BYTES) return;
    const place = await enter(this.#room, takerOf(request), bytes, held.response);
    if (place === null) throw new AppError('bad_request', 'The client left before its body was read.');
    held.places.keep(place);
  }
}

/** The stated length; a body without one counts as the longest the route accepts. */
function bytesAsSent({ headers, routeOptions }: FastifyRequest): number {
  const stated = headers['content-length'];
  const most = routeOptions.bodyLimit ?? 0;
  return stated === undefined ? most : Math.min(Number(stated), most);
}

const takerOf = ({ identity }: FastifyRequest): Taker => ({
  tenant: identity?.tenantId ?? '',
  key: identity?.keyId ?? '',
});

function refusal(shortage: Shortage): AppError {
  const whose = shortage === 'share' ? 'Your tenant or key has' : 'There are';
  return new AppError(
    'overloaded',
    `${whose} as many large bodies under way as there is memory for (FARTHING_BODY_MEMORY_BYTES): send fewer at once.`,
    { retryAfter: RETRY_AFTER_SECONDS },
  );
}
