/** A folder in which each test process writes down its file, under its process id; see `announce.ts`. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    testProcesses: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'farthing-test-processes-'));
  project.provide('testProcesses', folder);
  return () => rm(folder, { recursive: true, force: true });
}
