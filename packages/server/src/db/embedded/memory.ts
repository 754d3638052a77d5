/** How much of the machine's memory the database's own cache takes. */
import { totalmem } from 'node:os';

const MB = 1024 ** 2;
const LEAST_MB = 128;
const MOST_MB = 2048;

/** Memory this process may use, bytes: the machine's, or a container's limit if lower. */
export function usableMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/**
 * PostgreSQL's `shared_buffers`: an eighth of the memory, between 128 MB and 2 GB. Rollups that a page asks for lie on
 * thousands of pages, each a system call where they are not in it; the machine is not the database's alone.
 *
 * @example sharedBuffers(16 * 1024 ** 3) // '2048MB'
 */
export function sharedBuffers(memory: number = usableMemory()): string {
  return `${Math.min(MOST_MB, Math.max(LEAST_MB, Math.floor(memory / 8 / MB)))}MB`;
}
