/** A server that is stopped while it starts for the first time. */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { makeDataFolder } from './data-folder.ts';
import { ServerProcess } from './server-process.ts';

/** What a first start leaves in its folder, one after the other; it is stopped as soon as one is there. */
export const MOMENTS = [
  'server.lock',
  'postgres.secrets.json',
  'postgres/PG_VERSION',
  'postgres/postmaster.pid',
  'postgres.initialised',
  'spool',
] as const;

type Signal = 'SIGTERM' | 'SIGKILL';

/** Declares the tests. */
export function testFirstStart(cases: readonly (readonly [(typeof MOMENTS)[number], Signal])[]): void {
  test.each(cases)(
    'stopped in its first start, once there is %s, by %s: ready at the next start',
    async (sign, signal) => {
      const folder = await makeDataFolder();
      const server = await ServerProcess.create({ dataDir: folder.path });
      try {
        server.launch();
        // The lock is a link to nothing.
        while (lstatSync(join(folder.path, sign), { throwIfNoEntry: false }) === undefined) await sleep(2);
        await server.end(signal);
        if (signal === 'SIGTERM')
          expect(await folder.postgresPid(), 'a Postgres that stayed behind').toBeNull();
        await server.start();
      } finally {
        await server.end('SIGTERM');
        await folder.remove();
      }
    },
    60_000,
  );
}
