/** Takes the port: looked at before anything is made, taken when all is ready. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Where to listen; port 0 takes any free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Refuses an address on which this process cannot listen, with a sentence on what to do. Called first of all, so that
 * the error comes before a database is created.
 */
export async function probe(address: ListenAddress): Promise<void> {
  const server = createServer();
  try {
    server.listen(address);
    await once(server, 'listening');
  } catch (error) {
    throw advised(error, address);
  }
  const closed = once(server, 'close');
  server.close();
  await closed;
}

/** Listens; reports errors as {@link probe} does. */
export async function listen(app: FastifyInstance, address: ListenAddress): Promise<void> {
  const { log } = app;
  // Fastify logs each address on a separate line; our start is logged once, with all facts in one line.
  app.log = log.child({}, { level: 'warn' });
  try {
    await app.listen({ ...address });
  } catch (error) {
    throw advised(error, address);
  } finally {
    app.log = log;
  }
}

function advised(error: unknown, { host, port }: ListenAddress): unknown {
  const advice: { readonly [code: string]: string } = {
    EADDRINUSE: `Port ${port} on ${host} is taken: stop what listens there, or set PORT (0 takes any free one).`,
    EACCES: `This user may not listen on port ${port}: set PORT to 1024 or more.`,
    EADDRNOTAVAIL: `This machine has no address ${host}: set HOST to one of its own, or 127.0.0.1.`,
    ENOTFOUND: `This machine has no address ${host}: set HOST to one of its own, or 127.0.0.1.`,
  };
  const code = error instanceof Error && 'code' in error ? error.code : null;
  const sentence = typeof code === 'string' ? advice[code] : undefined;
  return sentence === undefined ? error : new Error(sentence, { cause: error });
}
