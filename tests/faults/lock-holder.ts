/**
 * A process that wants a data folder: `node lock-holder.ts DATA_DIR`. At `take` on its input it goes for the lock and
 * prints one line of JSON with what came of it; at `release` it gives it back.
 */
import { createInterface } from 'node:readline';
import { type DataDirLock, takeDataDirLock } from '../../packages/server/src/db/embedded/lock.ts';

let lock: DataDirLock | null = null;
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'release') {
    await lock?.release();
    console.log(JSON.stringify({ released: process.pid }));
    continue;
  }
  try {
    lock = await takeDataDirLock(process.argv[2] ?? '');
    console.log(JSON.stringify({ held: process.pid }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
}
