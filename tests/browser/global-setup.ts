/**
 * One Chromium and one build of the dashboard for the whole test run, made when the first test file asks for them.
 * Test files run in processes of their own and ask over a small local socket.
 */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { type SharedBrowser, shareChromium } from './chromium.ts';

declare module 'vitest' {
  interface ProvidedContext {
    browserGate: string;
  }
}

/** What a test file gets. */
export interface BrowserAnswer {
  /** Where `chromium.connect` finds the browser. */
  readonly endpoint?: string;
  /** The built dashboard. */
  readonly dashboard?: string;
  readonly error?: string;
}

const root = path.resolve(import.meta.dirname, '../..');

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'farthing-dashboard-'));
  let running: Promise<SharedBrowser> | null = null;
  const gate = net.createServer((socket) => {
    socket.on('error', () => undefined);
    running ??= start(folder);
    running.then(
      ({ endpoint }) => socket.end(JSON.stringify({ endpoint, dashboard: folder } satisfies BrowserAnswer)),
      (error: unknown) => socket.end(JSON.stringify({ error: String(error) } satisfies BrowserAnswer)),
    );
  });
  await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve));
  const address = gate.address();
  project.provide('browserGate', typeof address === 'object' && address !== null ? String(address.port) : '');
  return async () => {
    gate.close();
    if (running !== null) await (await running.catch(() => null))?.close();
    await rm(folder, { recursive: true, force: true });
  };
}

/** The tests serve a copy: a build that runs meanwhile does not remove files under them. */
async function start(folder: string): Promise<SharedBrowser> {
  await promisify(execFile)(process.execPath, [path.join(root, 'tools/setup/build-web.mjs')]);
  await cp(path.join(root, 'packages/web/dist'), folder, { recursive: true });
  return shareChromium();
}
