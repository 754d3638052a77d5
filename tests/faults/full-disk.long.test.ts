/** A real disk that runs full under a real server, and has space again. */
import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { embeddedConnectionString } from '../../packages/server/src/index.ts';
import { audit, CLEAN } from '../crash/audit.ts';
import { makeDataFolder } from '../crash/data-folder.ts';
import { Load } from '../crash/load.ts';
import { seededRandom } from '../crash/random.ts';
import { printFigures } from '../crash/report.ts';
import { ServerProcess } from '../crash/server-process.ts';

const run = promisify(execFile);
const SIZE_MB = 260;

/** Mounts a small disk of memory on a folder; says why not where that is not allowed. */
async function smallDisk(folder: string): Promise<string | null> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root on Linux may mount a disk';
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m`, 'tmpfs', folder]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  onTestFinished(async () => {
    await run('umount', ['--lazy', folder]);
  });
  return null;
}

test('a real disk that runs full under load loses and doubles nothing acknowledged, and the server goes on when it grows', async (context) => {
  const folder = await makeDataFolder();
  onTestFinished(() => folder.remove());
  const why = await smallDisk(folder.path);
  if (why !== null) {
    console.log(`skipped: ${why}`);
    context.skip();
  }
  const server = await ServerProcess.create({ dataDir: folder.path, env: { FARTHING_JOBS: 'false' } });
  onTestFinished(async () => {
    await server.end('SIGTERM');
  });
  await server.start();
  const random = seededRandom('full disk');
  const load = new Load({ urls: [server.url], random, writers: 6, maxBatch: 200, pauseMs: 1 });
  // All but a few megabytes are taken by something else.
  const ballast = join(folder.path, 'ballast');
  const { stdout } = await run('df', ['--output=avail', '-B1', folder.path]);
  const available = Number(stdout.trim().split('\n').at(-1));
  await writeFile(ballast, Buffer.alloc(available - 6_000_000));
  while (load.repeats < 20) await sleep(50);
  const refusedFrom = load.acknowledged;
  await sleep(3_000);
  await run('mount', ['-o', `remount,size=${SIZE_MB * 3}m`, folder.path]);
  await rm(ballast);
  while (load.acknowledged < refusedFrom + 2_000) await sleep(50);
  await load.stop();
  const found = await audit((await embeddedConnectionString(folder.path)) ?? '', load);
  printFigures('full disk', { repeats: load.repeats, queued: load.queued, ...found });
  expect(load.refusals).toEqual([]);
  expect(found).toMatchObject(CLEAN);
  expect(found.acknowledged).toBe(load.sent.size);
  expect(await server.end('SIGTERM')).toBe(0);
});
