/** `server.json` in the data folder: where the server that uses this folder can be reached. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Output } from '../console/output.ts';

export interface AnnouncedServer {
  readonly pid: number;
  /** Base URL, e.g. `http://127.0.0.1:4141`. */
  readonly url: string;
}

const fileIn = (dataDir: string) => join(dataDir, 'server.json');

/** Writes the file whole or not at all. A full disk does not keep the server from running: `output` says what will not work. */
export async function announceServer(
  dataDir: string,
  server: AnnouncedServer,
  output: Pick<Output, 'note'>,
): Promise<void> {
  const file = fileIn(dataDir);
  const draft = `${file}.${server.pid}`;
  try {
    await writeFile(draft, `${JSON.stringify(server)}\n`, { mode: 0o600 });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    const reason = error instanceof Error ? error.message : String(error);
    output.note(`Commands in this folder will not find the server: ${reason}`);
  }
}

/** Removes the file unless another server has taken it over; one that stays names a process that is gone. */
export async function withdrawServer(dataDir: string, pid: number): Promise<void> {
  if ((await readServerFile(dataDir))?.pid !== pid) return;
  await rm(fileIn(dataDir), { force: true }).catch(() => undefined);
}

/** The server of this data folder, if it is alive and answers. */
export async function findServer(dataDir: string): Promise<AnnouncedServer | null> {
  const server = await readServerFile(dataDir);
  if (server === null || !isAlive(server.pid)) return null;
  const answer = await fetch(new URL('/healthz', server.url), { signal: AbortSignal.timeout(3_000) }).catch(
    () => null,
  );
  await answer?.body?.cancel();
  return answer?.ok ? server : null;
}

async function readServerFile(dataDir: string): Promise<AnnouncedServer | null> {
  const text = await readFile(fileIn(dataDir), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    const { pid, url } = JSON.parse(text) as Partial<AnnouncedServer>;
    return typeof pid === 'number' && typeof url === 'string' ? { pid, url } : null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
