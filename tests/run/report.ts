/**
 * A reporter beside the usual one. It prints the slowest files at the end, and it ends a test process that hangs:
 * a process whose event loop is blocked does not notice its own time limits, and the run would wait for it forever.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Reporter, TestModule, Vitest } from 'vitest/node';

const SLOWEST = 10;
const LOOK_EVERY_MS = 5_000;
/** No file takes nearly as long, not even on a machine that is busy with other work. */
const LONGEST_MS = 8 * 60_000;
/** Files of the long mode may take long. */
const LONGEST_LONG_MS = 60 * 60_000;

export default class RunReport implements Reporter {
  readonly #running = new Map<string, number>();
  readonly #took = new Map<string, number>();
  #vitest: Vitest | null = null;
  #timer: NodeJS.Timeout | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  onTestModuleStart({ moduleId }: TestModule): void {
    this.#running.set(moduleId, Date.now());
  }

  onTestModuleEnd({ moduleId }: TestModule): void {
    const began = this.#running.get(moduleId);
    if (began !== undefined) this.#took.set(moduleId, Date.now() - began);
    this.#running.delete(moduleId);
  }

  onTestRunEnd(): void {
    clearInterval(this.#timer);
    const slowest = [...this.#took].sort(([, a], [, b]) => b - a).slice(0, SLOWEST);
    if (this.#took.size <= 1) return;
    const lines = slowest.map(([file, ms]) => `  ${(ms / 1000).toFixed(1).padStart(6)} s  ${named(file)}`);
    console.log(`\n Slowest files\n${lines.join('\n')}`);
  }

  #look(): void {
    const longest = this.#vitest?.config.mode === 'long' ? LONGEST_LONG_MS : LONGEST_MS;
    for (const [file, began] of this.#running) {
      if (Date.now() - began < longest) continue;
      this.#running.delete(file);
      console.error(
        `\n ${named(file)} has stood still for ${longest / 60_000} minutes; its process is ended.`,
      );
      for (const pid of this.#processesOf(file)) process.kill(pid, 'SIGKILL');
    }
  }

  #processesOf(file: string): number[] {
    const folder = this.#vitest?.projects[0]?.getProvidedContext().testProcesses;
    if (folder === undefined) return [];
    return readdirSync(folder)
      .filter((pid) => readFileSync(path.join(folder, pid), 'utf8') === file)
      .map(Number);
  }
}

const named = (file: string): string => path.relative(process.cwd(), file);
