/** Runs as a thread: loads a price package and hands its table over as JSON. */
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

const { entry } = workerData as { readonly entry: string };
const loaded = createRequire(import.meta.url)(entry) as { waitForUpdate?: () => Promise<unknown> };
if (typeof loaded.waitForUpdate !== 'function') throw new Error('it has no waitForUpdate()');
// Without an update configured this is the table that is bundled with the package.
parentPort?.postMessage(JSON.stringify((await loaded.waitForUpdate()) ?? null));
