/** Which client connections have no request under way: at a stop these are closed at once, the others when answered. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Watches a server from before its first connection. Node's own `closeIdleConnections` leaves those open that never
 * sent a request, and they would hold up a stop until it gives up.
 *
 * @returns a function that closes every connection without a request.
 */
export function watchConnections(server: Server): () => void {
  const underWay = new Map<Socket, number>();
  server.on('connection', (socket) => {
    underWay.set(socket, 0);
    socket.once('close', () => underWay.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    underWay.set(socket, (underWay.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const count = underWay.get(socket);
      if (count !== undefined) underWay.set(socket, count - 1);
    });
  });
  return () => {
    for (const [socket, count] of underWay) if (count === 0) socket.destroySoon();
  };
}
