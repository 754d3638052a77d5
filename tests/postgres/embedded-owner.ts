/**
 * A process that owns an embedded PostgreSQL, for tests that kill it:
 * `node embedded-owner.ts DATA_DIR [NATIVE]` prints one line of JSON once it is ready (or why not), stops on SIGTERM.
 */
import { openEmbedded } from '../../packages/server/src/db/embedded/open.ts';

const [dataDir = '', native] = process.argv.slice(2);
const silent = { info() {}, warn() {}, error() {} };
try {
  const postgres = await openEmbedded({ dataDir, log: silent, ...(native === undefined ? {} : { native }) });
  const { state, connectionString, timings } = postgres;
  console.log(JSON.stringify({ state, connectionString, timings }));
  const keepAlive = setInterval(() => undefined, 60_000);
  process.once('SIGTERM', () => {
    clearInterval(keepAlive);
    // Stays 9 when the process ends before the stop has resolved.
    process.exitCode = 9;
    void postgres.stop().then(() => {
      process.exitCode = 0;
    });
  });
} catch (error) {
  console.log(JSON.stringify({ error: String(error) }));
}
