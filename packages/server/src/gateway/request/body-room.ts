/** Room in memory for the body of a recorded call, taken before the body is read: until then its socket is not. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { enter } from '../../http/rooms/enter-room.ts';
import type { Taker } from '../../http/rooms/fair-share.ts';
import type { Places, Room } from '../../http/rooms/room.ts';

/** A body up to this size needs no room: as many of them as there are calls are few bytes. */
const SMALL_BYTES = 64 * 1024;

/** The request that needs memory. */
export interface BodyRoomAsk {
  readonly room: Room;
  readonly taker: Taker;
  /** Bytes a body may have at most. */
  readonly limit: number;
  /** The call's places, which hold the memory until the call is over. */
  readonly places: Places;
}

/**
 * Reserves memory for a body of stated length, then reads it. A body of unknown length is read while it is small, then
 * waits for memory for the largest allowed body. Null if the client disconnects meanwhile.
 *
 * @param read reads the body, beginning at once
 * @throws AppError if there is no memory in time; also every error of `read`
 */
export async function readWithinRoom<Body>(
  incoming: IncomingMessage,
  response: ServerResponse,
  ask: BodyRoomAsk,
  read: () => Promise<Body | null>,
): Promise<Body | null> {
  const { room, taker, limit, places } = ask;
  const stated = incoming.headers['content-length'];
  if (stated === undefined) return readGrowing(incoming, response, ask, read);
  const length = Number(stated);
  if (length > SMALL_BYTES && length <= limit) {
    const place = await enter(room, taker, length, response);
    if (place === null) return null;
    places.keep(place);
    if (incoming.destroyed) return null;
  }
  return read();
}

function readGrowing<Body>(
  incoming: IncomingMessage,
  response: ServerResponse,
  { room, taker, limit, places }: BodyRoomAsk,
  read: () => Promise<Body | null>,
): Promise<Body | null> {
  const { promise: refused, reject } = Promise.withResolvers<never>();
  let length = 0;
  const count = (chunk: Buffer) => {
    length += chunk.length;
    if (length <= SMALL_BYTES) return;
    incoming.off('data', count);
    incoming.pause();
    enter(room, taker, limit, response).then(
      (place) => {
        if (place !== null) places.keep(place);
        incoming.resume();
      },
      (error: unknown) => {
        // The rest of the body is not collected; the refusal discards it.
        incoming.removeAllListeners('data');
        reject(error);
      },
    );
  };
  const body = read();
  incoming.on('data', count);
  return Promise.race([body, refused]).finally(() => incoming.off('data', count));
}
