/** A way to the tests' Postgres that can be cut: then every connection breaks and no new one is made. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';

export interface CuttablePostgres {
  readonly connectionString: string;
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

/** A proxy in front of the socket that a connection string of the tests names. */
export async function cuttablePostgres(connectionString: string): Promise<CuttablePostgres> {
  const behind = new URL(connectionString);
  const socketFile = join(
    behind.searchParams.get('host') ?? '',
    `.s.PGSQL.${behind.searchParams.get('port') ?? '5432'}`,
  );
  const open = new Set<Socket>();
  let away = false;
  const server = createServer((client) => {
    if (away) {
      client.destroy();
      return;
    }
    const store = connect(socketFile);
    for (const [one, other] of [
      [client, store],
      [store, client],
    ] as const) {
      open.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  const front = new URL(connectionString);
  front.searchParams.set('host', '127.0.0.1');
  front.searchParams.set('port', String(address.port));
  const breakAll = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    connectionString: front.href,
    cut() {
      away = true;
      breakAll();
    },
    mend() {
      away = false;
    },
    async close() {
      breakAll();
      server.close();
      await once(server, 'close');
    },
  };
}
