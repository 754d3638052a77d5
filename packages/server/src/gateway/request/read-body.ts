/** Reads the body of a recorded call, within its bound. */
import type { IncomingMessage } from 'node:http';
import { AppError } from '@farthing/contract';

/**
 * The whole body; null where the client went away while it sent.
 *
 * @throws AppError `body_too_large`, as soon as that is known
 */
export function readBody(incoming: IncomingMessage, limit: number): Promise<Buffer | null> {
  const tooLarge = () =>
    new AppError(
      'body_too_large',
      `the request body is larger than ${limit} bytes, the bound of this gateway (FARTHING_GATEWAY_BODY_LIMIT_BYTES).`,
    );
  if (Number(incoming.headers['content-length'] ?? 0) > limit) return Promise.reject(tooLarge());
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | null>();
  const chunks: Buffer[] = [];
  let length = 0;
  const take = (chunk: Buffer) => {
    length += chunk.length;
    chunks.push(chunk);
    if (length <= limit) return;
    incoming.off('data', take);
    reject(tooLarge());
  };
  incoming.on('data', take);
  incoming.once('end', () => {
    const only = chunks.length === 1 ? chunks[0] : undefined;
    resolve(only ?? Buffer.concat(chunks));
  });
  incoming.once('error', () => resolve(null));
  incoming.once('close', () => resolve(null));
  return promise;
}
