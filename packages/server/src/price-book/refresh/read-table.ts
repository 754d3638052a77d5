/** The currently installed price table: from the npm package on disk, not from the version this process has loaded. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import type { PriceTable } from '../compile/compile-book.ts';

/** The table cannot be used; the message says why. The prices in force stay. */
export class BadTableError extends Error {
  override readonly name = 'BadTableError';
}

/** Enough to tell a table from something else; each model is checked when it is converted. */
const table = z
  .array(
    z.looseObject({
      id: z.string().min(1),
      models: z.array(
        z.looseObject({ id: z.string().min(1), match: z.looseObject({}), prices: z.unknown() }),
      ),
    }),
  )
  .min(1);

const READ_MS = 30_000;

/**
 * Reads the installed `@pydantic/genai-prices`: its data as they are on the disk at this moment. Nothing is downloaded;
 * an operator updates the package with npm. `entry` is the package's main file, `today` dates a table that no release
 * of Farthing knows.
 */
export async function readInstalledTable(today: string, entry = installedEntry()): Promise<PriceTable> {
  const text = await inWorker(entry).catch((error: unknown) => {
    throw new BadTableError(`The price table cannot be loaded: ${messageOf(error)}`);
  });
  const parsed = table.safeParse(JSON.parse(text));
  if (!parsed.success) throw new BadTableError(`This is no price table: ${z.prettifyError(parsed.error)}`);
  const providers = parsed.data as unknown as PriceTable['providers'];
  return { providers, version: await versionOf(entry), date: today };
}

/** Version of the npm package of prices that is installed now. */
export async function installedTableVersion(): Promise<string> {
  return versionOf(installedEntry());
}

function installedEntry(): string {
  try {
    return createRequire(import.meta.url).resolve('@pydantic/genai-prices');
  } catch {
    throw new BadTableError('The npm package @pydantic/genai-prices is not installed.');
  }
}

async function versionOf(entry: string): Promise<string> {
  const text = await readFile(join(dirname(entry), '..', 'package.json'), 'utf8').catch((error: unknown) => {
    throw new BadTableError(`The price table has no package.json: ${messageOf(error)}`);
  });
  const manifest = z.object({ version: z.string().min(1) }).safeParse(JSON.parse(text));
  if (!manifest.success) throw new BadTableError('The package of the price table names no version.');
  return manifest.data.version;
}

/** A worker thread loads modules anew, so it sees files that npm has written since this process started. */
function inWorker(entry: string): Promise<string> {
  const file = fileURLToPath(new URL('./table-worker.ts', import.meta.url));
  return new Promise((resolve, reject) => {
    const worker = new Worker(file, {
      workerData: { entry },
      resourceLimits: { maxOldGenerationSizeMb: 512 },
    });
    const late = setTimeout(() => {
      reject(new Error(`it took longer than ${READ_MS} ms`));
      void worker.terminate();
    }, READ_MS);
    worker.once('message', (text: unknown) => resolve(String(text)));
    worker.once('error', reject);
    worker.once('exit', (code) => {
      clearTimeout(late);
      reject(new Error(`the thread ended with code ${code}`)); // says nothing where it has answered
    });
  });
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
