/** A real `farthing serve` in a process of its own, to be killed and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export const ADMIN_KEY = 'crash-test-admin-key-0123456789abcdef-0123';
/** What is kept of what a server prints. */
const KEPT_CHARACTERS = 1_000_000;
const MAIN = new URL('../../packages/cli/src/main.ts', import.meta.url).pathname;

export interface ServerOptions {
  readonly dataDir: string;
  /** Absent: the embedded database. */
  readonly databaseUrl?: string;
  /** More settings. */
  readonly env?: Readonly<Record<string, string>>;
  /** So much of the end of what it prints is kept, characters. */
  readonly keepSaid?: number;
}

/** Keeps its port across restarts, so that clients go on. */
export class ServerProcess {
  readonly url: string;
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | null = null;
  #said = '';
  readonly #keepSaid: number;

  private constructor(options: ServerOptions, port: number) {
    this.url = `http://127.0.0.1:${port}`;
    this.#keepSaid = options.keepSaid ?? KEPT_CHARACTERS;
    this.#env = {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      PORT: String(port),
      FARTHING_DATA_DIR: options.dataDir,
      FARTHING_ADMIN_KEY: ADMIN_KEY,
      FARTHING_LOG_LEVEL: 'warn',
      ...(options.databaseUrl === undefined ? {} : { DATABASE_URL: options.databaseUrl }),
      ...options.env,
    };
  }

  static async create(options: ServerOptions): Promise<ServerProcess> {
    return new ServerProcess(options, await freePort());
  }

  /** Starts it and waits until it is ready; answers how long that took, in milliseconds. */
  async start(): Promise<number> {
    const begun = performance.now();
    this.launch();
    while (!(await this.#isReady())) {
      if (this.died) throw new Error(`The server ended:\n${this.#said.slice(-8_000)}`);
      await sleep(10);
    }
    return performance.now() - begun;
  }

  /** Starts it and does not wait. */
  launch(): void {
    const child = spawn(process.execPath, [MAIN, 'serve'], {
      cwd: this.#env['FARTHING_DATA_DIR'],
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const keep = (chunk: Buffer) => {
      this.#said = (this.#said + chunk.toString()).slice(-this.#keepSaid);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
  }

  /** Sends a signal and waits for the end; answers the exit code, or the signal that ended it. */
  async end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
    const child = this.#child;
    if (child === null || this.died) return null;
    const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
      child.once('exit', (code, by) => resolve(code ?? by));
    });
    child.kill(signal);
    const how = await ended;
    this.#child = null;
    return how;
  }

  /** Sends a signal and does not wait. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Whether a started process has ended without a request to. */
  get died(): boolean {
    return this.#child !== null && (this.#child.exitCode !== null || this.#child.signalCode !== null);
  }

  /** Its process id; null while it does not run. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** The end of what it printed. */
  get said(): string {
    return this.#said;
  }

  async #isReady(): Promise<boolean> {
    const answer = await fetch(`${this.url}/readyz`).catch(() => null);
    await answer?.body?.cancel();
    return answer?.ok === true;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no free port');
  return address.port;
}
