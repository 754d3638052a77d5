/** A data folder of its own for a test, and what lies in it. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface DataFolder {
  readonly path: string;
  /** The process id of the embedded Postgres that accepts connections; null while there is none. */
  postgresPid(): Promise<number | null>;
  /** Ends an embedded Postgres that is left over and removes the folder. */
  remove(): Promise<void>;
}

export async function makeDataFolder(): Promise<DataFolder> {
  const path = await mkdtemp(join(tmpdir(), 'farthing-crash-'));
  const postgresPid = async () => {
    const text = await readFile(join(path, 'postgres/postmaster.pid'), 'utf8').catch(() => '');
    const lines = text.split('\n');
    const pid = Number(lines[0]);
    return Number.isSafeInteger(pid) && pid > 0 && lines[7]?.trim() === 'ready' ? pid : null;
  };
  return {
    path,
    postgresPid,
    remove: async () => {
      const pid = await postgresPid();
      if (pid !== null) killIfAlive(pid);
      await rm(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

/** SIGKILL; true when there was a process. */
export function killIfAlive(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}
