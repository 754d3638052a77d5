/** Handles the rest of a request's body when its answer is already known. */
import type { IncomingMessage } from 'node:http';

/** Most bytes, and longest time, of a body that is read only to be thrown away. */
const DISCARDED_BYTES = 64 * 1024 * 1024;
const DISCARDED_MS = 10_000;

/**
 * Reads what is left of a request's body, within bounds, then runs `next`. A connection closed while the client is
 * still sending is reset, and the answer is lost with it.
 */
export function afterBody(incoming: IncomingMessage, next: () => void): void {
  if (incoming.complete || incoming.destroyed) {
    next();
    return;
  }
  let left = DISCARDED_BYTES;
  const finish = () => {
    clearTimeout(late);
    incoming.off('data', count).off('end', finish).off('close', finish);
    next();
  };
  const count = (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) finish();
  };
  const late = setTimeout(finish, DISCARDED_MS);
  incoming.unpipe();
  incoming.on('data', count).once('end', finish).once('close', finish);
  incoming.resume();
}
