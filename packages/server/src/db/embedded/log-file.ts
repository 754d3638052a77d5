/** `postgres.log`: the log of the embedded PostgreSQL, kept within a size limit while it runs. */
import { chmod, copyFile, stat, truncate } from 'node:fs/promises';

/** Past this the log starts again; the part before it stays as `postgres.log.1`. */
const LARGEST = 10 * 1024 * 1024;
const LOOK_EVERY_MS = 30_000;

/**
 * Keeps the log and the part before it below twice the bound. PostgreSQL appends to an open file, so the file is emptied
 * in its place; a line that is written between the copy and that moment is lost.
 */
export async function boundLogFile(file: string, largest: number = LARGEST): Promise<void> {
  const size = (await stat(file).catch(() => null))?.size ?? 0;
  if (size <= largest) return;
  await copyFile(file, `${file}.1`);
  await chmod(`${file}.1`, 0o600);
  await truncate(file);
}

/** Trims it every half minute until `stop`. A failure (a full disk) is retried the next time. */
export function watchLogFile(
  file: string,
  {
    largest = LARGEST,
    everyMs = LOOK_EVERY_MS,
  }: { readonly largest?: number; readonly everyMs?: number } = {},
): { stop(): Promise<void> } {
  let looking: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(() => boundLogFile(file, largest)).catch(() => undefined);
  }, everyMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}
