/**
 * Files that stay in the folder until a person has checked them: damaged stretches of segments (`….damaged`), and
 * events that neither the ledger nor the quarantine could hold (`set-aside.ndjson`).
 */
import path from 'node:path';
import type { UsageEvent } from '../../ledger/usage-event.ts';
import { type Files, writeAll, writeDurably } from './files.ts';
import type { DamagedBytes } from './segment-content.ts';

const DAMAGED = /^\d{12}\.spool\.damaged$/;
const SET_ASIDE = 'set-aside.ndjson';
const NEWLINE = 10;

/**
 * From either of these on no further damaged stretch is copied: its segment stays where it is, whole, and counts to the
 * spool's own bound.
 */
const MOST_DAMAGED_BYTES = 256 * 1024 * 1024;
const MOST_DAMAGED_FILES = 1_000;

/** Leftovers that a person has to check. They are never deleted automatically. */
export interface Leftovers {
  readonly damagedFiles: number;
  readonly damagedBytes: number;
  readonly setAsideEvents: number;
  readonly setAsideBytes: number;
}

const NO_LEFTOVERS: Leftovers = {
  damagedFiles: 0,
  damagedBytes: 0,
  setAsideEvents: 0,
  setAsideBytes: 0,
};

/** File for the damaged stretches of a segment. */
export function damagedFileOf(directory: string, segment: string): string {
  return path.join(directory, `${segment}.damaged`);
}

/** Whether a name in the folder is one of a leftover. */
export function isLeftover(name: string): boolean {
  return DAMAGED.test(name) || name === SET_ASIDE;
}

/** Keeps and counts the leftovers of one folder. */
export class LeftoverStore {
  readonly #files: Files;
  readonly #directory: string;
  /** The set-aside events, counted when the file had this length. */
  #setAside = { bytes: 0, events: 0, endsWhole: true };
  #counted: Leftovers = NO_LEFTOVERS;

  constructor(files: Files, directory: string) {
    this.#files = files;
    this.#directory = directory;
  }

  /** Reads the folder; if that fails now, returns the last count. */
  async count(): Promise<Leftovers> {
    try {
      const damaged = await this.#countDamaged();
      const { events, bytes } = await this.#readSetAside();
      this.#counted = { ...damaged, setAsideEvents: events, setAsideBytes: bytes };
    } catch {
      // Counting is no reason to fail; the disk is spoken of elsewhere.
    }
    return this.#counted;
  }

  /** Whether one more damaged file may be kept. */
  async hasRoom(): Promise<boolean> {
    const { damagedFiles, damagedBytes } = await this.#countDamaged();
    return damagedFiles < MOST_DAMAGED_FILES && damagedBytes < MOST_DAMAGED_BYTES;
  }

  /** Stores each stretch of a segment with its offset: durably, whole or not at all, and once. */
  async keepDamaged(segment: string, stretches: readonly DamagedBytes[]): Promise<void> {
    const target = damagedFileOf(this.#directory, segment);
    if ((await this.#files.facts(target)) !== null) return;
    const lines = stretches.map(
      ({ offset, bytes }) => `${JSON.stringify({ offset, base64: bytes.toString('base64') })}\n`,
    );
    await writeDurably(this.#files, target, Buffer.from(lines.join('')));
  }

  /** Keeps an event with its reason behind those set aside before. Rejects with the system's error, having added nothing. */
  async setAside(event: UsageEvent, reason: string): Promise<void> {
    const { bytes: start, events, endsWhole } = await this.#readSetAside();
    const line = Buffer.from(`${endsWhole ? '' : '\n'}${JSON.stringify({ reason, event })}\n`);
    const file = await this.#files.open(path.join(this.#directory, SET_ASIDE), 'any');
    try {
      await writeAll(file, line, start);
      await file.datasync();
    } catch (error) {
      await file.truncate(start).catch(() => undefined);
      throw error;
    } finally {
      await file.close().catch(() => undefined);
    }
    await this.#files.syncFolder(this.#directory);
    this.#setAside = { bytes: start + line.length, events: events + 1, endsWhole: true };
  }

  async #countDamaged(): Promise<Pick<Leftovers, 'damagedFiles' | 'damagedBytes'>> {
    const names = (await this.#files.list(this.#directory)).filter((name) => DAMAGED.test(name));
    let [damagedFiles, damagedBytes] = [0, 0];
    for (const name of names) {
      const facts = await this.#files.facts(path.join(this.#directory, name));
      damagedFiles += facts === null ? 0 : 1;
      damagedBytes += facts?.bytes ?? 0;
    }
    return { damagedFiles, damagedBytes };
  }

  /** Reads the file only if its length has changed. */
  async #readSetAside(): Promise<{ bytes: number; events: number; endsWhole: boolean }> {
    const file = path.join(this.#directory, SET_ASIDE);
    const bytes = (await this.#files.facts(file))?.bytes ?? 0;
    if (bytes === this.#setAside.bytes) return this.#setAside;
    const text = bytes === 0 ? Buffer.alloc(0) : await this.#files.read(file);
    const endsWhole = text.length === 0 || text.at(-1) === NEWLINE;
    this.#setAside = { bytes: text.length, events: countLines(text), endsWhole };
    return this.#setAside;
  }
}

/** Lines that hold something. */
function countLines(text: Buffer): number {
  let count = 0;
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf(NEWLINE, from);
    const until = end === -1 ? text.length : end;
    if (until > from) count += 1;
    from = until + 1;
  }
  return count;
}
