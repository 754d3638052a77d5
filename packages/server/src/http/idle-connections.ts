/**
 * Tracks client connections without a running request. At a stop these are closed at once, the others when answered.
 * Near the connection limit the oldest idle ones are closed, so that a client that opens many and sends nothing cannot
 * shut others out.
 */
import type { Server } from 'node:http';
import { BlockList, isIPv6, type Socket } from 'node:net';
import { addressGroup } from '../tenants/sign-in/throttle.ts';

export interface ConnectionBounds {
  /** Most open connections; Node refuses what comes beyond. */
  readonly max: number;
  /** Addresses and networks of proxies: many clients come from one of them, so their connections are not counted apart. */
  readonly trustedProxies: readonly string[];
}

/** Fraction (one in this many) of all connections that one address may hold without having sent a request. */
const SILENT_SHARE = 8;
/** Idle connections are closed when fewer than one in this many are free. */
const SPARE_SHARE = 32;

/**
 * Watches a server from before its first connection. Node's own `closeIdleConnections` leaves those open that never
 * sent a request, and they would hold up a stop until it gives up.
 *
 * @returns a function that closes every connection without a request.
 * @example const closeIdle = watchConnections(app.server, { max: 4096, trustedProxies: ['10.0.0.0/8'] });
 */
export function watchConnections(server: Server, { max, trustedProxies }: ConnectionBounds): () => void {
  const isProxy = networksOf(trustedProxies);
  const most = max - Math.max(1, Math.floor(max / SPARE_SHARE));
  const mostSilent = Math.max(1, Math.floor(max / SILENT_SHARE));
  const open = new Map<Socket, Connection>();
  /** Without a request so far, and without one at present; each with the oldest first. */
  const silent = new Set<Socket>();
  const resting = new Set<Socket>();
  const silentByAddress = new Map<string, Set<Socket>>();

  function hush(socket: Socket, { address }: Connection): void {
    silent.add(socket);
    if (address === null) return;
    const ofAddress = silentByAddress.get(address) ?? new Set();
    silentByAddress.set(address, ofAddress.add(socket));
    if (ofAddress.size > mostSilent) oldestOf(ofAddress)?.destroy();
  }

  function speak(socket: Socket, { address }: Connection): void {
    if (!silent.delete(socket) || address === null) return;
    const ofAddress = silentByAddress.get(address);
    ofAddress?.delete(socket);
    if (ofAddress?.size === 0) silentByAddress.delete(address);
  }

  server.on('connection', (socket) => {
    const { remoteAddress = '' } = socket;
    const connection = {
      address: isProxy(remoteAddress) ? null : addressGroup(remoteAddress),
      requests: 0,
    };
    socket.once('close', () => {
      open.delete(socket);
      resting.delete(socket);
      speak(socket, connection);
    });
    if (open.size >= most) (oldestOf(silent) ?? oldestOf(resting))?.destroy();
    open.set(socket, connection);
    hush(socket, connection);
  });
  server.on('request', ({ socket }, response) => {
    const connection = open.get(socket);
    if (connection === undefined) return;
    speak(socket, connection);
    resting.delete(socket);
    connection.requests += 1;
    response.once('close', () => {
      connection.requests -= 1;
      if (connection.requests === 0 && open.has(socket)) resting.add(socket);
    });
  });
  return () => {
    for (const [socket, { requests }] of open) if (requests === 0) socket.destroySoon();
  };
}

interface Connection {
  /** The address group it is counted with; null: a proxy's. */
  readonly address: string | null;
  /** Running requests. */
  requests: number;
}

const oldestOf = (sockets: ReadonlySet<Socket>): Socket | undefined => sockets.values().next().value;

/** Whether an address is one of these, or in one of these networks. */
function networksOf(list: readonly string[]): (address: string) => boolean {
  const networks = new BlockList();
  for (const one of list) {
    const [address = '', prefix] = one.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) networks.addAddress(address, family);
    else networks.addSubnet(address, Number(prefix), family);
  }
  return (address) => {
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
    return plain !== '' && networks.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
  };
}
