/** A real Chromium for tests and screenshots: the system's where there is one, else the one that comes from npm. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserServer, chromium, type LaunchOptions } from 'playwright-core';

const SYSTEM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'] as const;

/** No sandbox (tests may run as root) and no background traffic: nothing but the page under test is asked for. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--font-render-hinting=none',
];

export interface TestBrowser {
  readonly browser: Browser;
  close(): Promise<void>;
}

/** Starts a headless Chromium with a temporary folder of its own. */
export async function startChromium(): Promise<TestBrowser> {
  const folder = await mkdtemp(join(tmpdir(), 'farthing-chromium-'));
  const browser = await chromium.launch(await options(folder));
  return { browser, close: closer(browser, folder) };
}

export interface SharedBrowser {
  /** Where other processes reach it: `chromium.connect(endpoint)`. */
  readonly endpoint: string;
  close(): Promise<void>;
}

/** The same for several processes at once. */
export async function shareChromium(): Promise<SharedBrowser> {
  const folder = await mkdtemp(join(tmpdir(), 'farthing-chromium-'));
  const server = await chromium.launchServer({ ...(await options(folder)), host: '127.0.0.1' });
  return { endpoint: server.wsEndpoint(), close: closer(server, folder) };
}

function closer(browser: Browser | BrowserServer, folder: string): () => Promise<void> {
  return async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  };
}

async function options(folder: string): Promise<LaunchOptions> {
  return {
    executablePath: await executable(folder),
    args: ARGUMENTS,
    env: { ...process.env, TMPDIR: folder, HOME: folder } as Record<string, string>,
  };
}

async function executable(folder: string): Promise<string> {
  const system = SYSTEM.find((path) => existsSync(path));
  if (system !== undefined) return system;
  // The package unpacks into TMPDIR under a fixed name: two test runs at once need folders of their own.
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  try {
    const { default: packaged } = await import('@sparticuz/chromium');
    return await packaged.executablePath();
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
}
