/**
 * One PostgreSQL for the whole test run, started when the first test file asks for it. Test files run in processes
 * of their own and ask over a small local socket; `inject('postgresGate')` tells them where.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { type EmbeddedPostgres, openEmbedded } from '../../packages/server/src/db/embedded/open.ts';
import { migrate } from '../../packages/server/src/db/schema/migrate.ts';
import { closeToPublic } from '../../packages/server/src/db/schema/public-rights.ts';
import { transactionOn } from '../../packages/server/src/db/tx.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgresGate: string;
  }
}

export const TEMPLATE = 'farthing_template';
const silent = { info() {}, warn() {}, error() {} };

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'farthing-tests-'));
  let running: Promise<EmbeddedPostgres> | null = null;
  const gate = net.createServer((socket) => {
    socket.on('error', () => undefined);
    running ??= start(folder);
    running.then(
      ({ connectionString }) => socket.end(JSON.stringify({ connectionString })),
      (error: unknown) => socket.end(JSON.stringify({ error: String(error) })),
    );
  });
  await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve));
  const address = gate.address();
  project.provide(
    'postgresGate',
    typeof address === 'object' && address !== null ? String(address.port) : '',
  );
  return async () => {
    gate.close();
    if (running !== null) await (await running.catch(() => null))?.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

/** Durability off: a test run that dies starts from nothing. */
async function start(folder: string): Promise<EmbeddedPostgres> {
  const postgres = await openEmbedded({
    dataDir: folder,
    log: silent,
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '100' },
    databaseCreator: true,
  });
  const client = new pg.Client({ connectionString: postgres.connectionString });
  await client.connect();
  await client.query(`create database ${TEMPLATE}`);
  await client.end();
  const template = new URL(postgres.connectionString);
  template.pathname = `/${TEMPLATE}`;
  const admin = new URL(postgres.adminPsql);
  admin.pathname = `/${TEMPLATE}`;
  const superuser = new pg.Client({ connectionString: admin.href });
  await superuser.connect();
  await closeToPublic(transactionOn(superuser), template.username);
  await superuser.end();
  await migrate({ connectionString: template.href });
  return postgres;
}
