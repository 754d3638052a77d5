/** Room for a request whose client may leave while it waits. */
import type { ServerResponse } from 'node:http';
import type { Taker } from './fair-share.ts';
import type { Place, Room } from './room.ts';

/**
 * Takes room for a request and waits for it if needed; null if the client leaves meanwhile.
 *
 * @throws AppError what the room refuses with
 */
export async function enter(
  room: Room,
  taker: Taker,
  amount: number,
  response: ServerResponse,
): Promise<Place | null> {
  const asked = room.ask(taker, amount);
  if (!('place' in asked)) return asked;
  if (response.destroyed) asked.abandon();
  response.once('close', asked.abandon);
  try {
    return await asked.place;
  } finally {
    response.off('close', asked.abandon);
  }
}
