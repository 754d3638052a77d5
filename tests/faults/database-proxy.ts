/**
 * Stands between a server and its PostgreSQL, and fails as networks and databases do.
 *
 *     const proxy = await openDatabaseProxy(connectionString);
 *     const database = createDatabase({ connectionString: proxy.connectionString, log });
 *     await proxy.fail('stalled');
 *     await proxy.fail(null);
 */
import net from 'node:net';

/**
 * `refused`: nothing listens. `stalled`: connections are taken, and nothing passes. `reset`: connections break at one of
 * their first statements, now and then after it was carried out. `starting` and `crowded`: every connection is turned
 * away, in PostgreSQL's words.
 */
export type ProxyFault = 'refused' | 'stalled' | 'reset' | 'starting' | 'crowded';

export interface DatabaseProxy {
  /** As the one it was given, by way of the proxy. */
  readonly connectionString: string;
  /** Fails from now on, what is connected included; null = passes everything again. */
  fail(fault: ProxyFault | null): Promise<void>;
  /** Breaks every connection that is open now. */
  breakAll(): void;
  close(): Promise<void>;
}

const TURNED_AWAY = {
  starting: ['57P03', 'the database system is starting up'],
  crowded: ['53300', 'sorry, too many clients already'],
} as const;
/** Statements that a connection gets through at most before it is reset; a transaction of the recorder has more. */
const MOST_STATEMENTS = 9;

interface Pair {
  readonly client: net.Socket;
  readonly server: net.Socket;
}

export async function openDatabaseProxy(connectionString: string): Promise<DatabaseProxy> {
  const target = addressOf(new URL(connectionString));
  const pairs = new Set<Pair>();
  let fault: ProxyFault | null = null;
  let listener: net.Server | null = null;
  let port = 0;
  /** Counts up and around: every place of a transaction gets its turn, with no dice. */
  let resets = 0;

  function accept(client: net.Socket): void {
    client.on('error', () => undefined);
    if (fault === 'starting' || fault === 'crowded') {
      const [code, message] = TURNED_AWAY[fault];
      client.once('data', () => client.end(fatal(code, message)));
      return;
    }
    const server = net.connect(target);
    const pair: Pair = { client, server };
    pairs.add(pair);
    server.on('error', () => client.destroy());
    client.on('close', () => server.destroy());
    server.on('close', () => {
      client.destroy();
      pairs.delete(pair);
    });
    if (fault === 'stalled') return; // taken, and never answered
    join(pair);
  }

  function join({ client, server }: Pair): void {
    // The first answers are those to the greeting and the password.
    let left = fault === 'reset' ? 2 + (resets++ % MOST_STATEMENTS) : Number.POSITIVE_INFINITY;
    client.on('data', (chunk) => server.write(chunk));
    server.on('data', (chunk) => {
      left -= 1;
      if (left > 0) client.write(chunk);
      else client.resetAndDestroy();
    });
  }

  function breakAll(): void {
    for (const { client, server } of pairs) {
      client.resetAndDestroy();
      server.destroy();
    }
  }

  async function listen(): Promise<void> {
    const opened = net.createServer(accept);
    await new Promise<void>((resolve) => opened.listen(port, '127.0.0.1', resolve));
    const address = opened.address();
    if (typeof address === 'object' && address !== null) port = address.port;
    listener = opened;
  }

  async function hush(): Promise<void> {
    const closing = listener;
    listener = null;
    breakAll();
    if (closing !== null) await new Promise((resolve) => closing.close(resolve));
  }

  await listen();
  const url = new URL(connectionString);
  url.host = `127.0.0.1:${port}`;
  url.searchParams.delete('host');
  url.searchParams.delete('port');
  return {
    connectionString: url.href,
    async fail(next) {
      const before = fault;
      fault = next;
      if (next === 'stalled') {
        for (const { client, server } of pairs) for (const socket of [client, server]) socket.pause();
      } else if (next === 'refused') await hush();
      else {
        // What stood still is not taken up again: by then its other end has long given it up.
        if (next !== null || before === 'stalled') breakAll();
        if (listener === null) await listen();
      }
    },
    breakAll,
    close: hush,
  };
}

/** Parameters go before the host; a host that is a folder holds a Unix socket. */
function addressOf(url: URL): net.NetConnectOpts {
  const host = url.searchParams.get('host') ?? url.hostname;
  const port = Number(url.searchParams.get('port') ?? (url.port || 5432));
  return host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port };
}

/** An ErrorResponse that ends the connection. */
function fatal(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
