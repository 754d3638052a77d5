/**
 * A disk in memory that can lose its power. It knows what the system promises: a write is safe after the fsync of its
 * file, a name after the fsync of its folder, and nothing of what a failed fsync was asked for. Whatever else was written
 * may be there after the loss, in part or not at all, in any order.
 */
import path from 'node:path';
import type { Files, OpenFile } from '../../packages/server/src/record/spool/files.ts';
import type { Random } from '../crash/random.ts';

/** One thing done to the disk; a `mark` between them says what a caller was answered. */
export type DiskStep =
  | { readonly kind: 'folder' | 'remove'; readonly path: string }
  | { readonly kind: 'syncFolder'; readonly path: string }
  | { readonly kind: 'create'; readonly path: string; readonly inode: number }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }
  | { readonly kind: 'write'; readonly inode: number; readonly position: number; readonly data: Buffer }
  | { readonly kind: 'truncate'; readonly inode: number; readonly bytes: number }
  | { readonly kind: 'sync' | 'syncFailed'; readonly inode: number }
  | { readonly kind: 'mark'; readonly text: string };

type Change = Extract<DiskStep, { kind: 'write' }> | Extract<DiskStep, { kind: 'truncate' }>;
type NameChange =
  | Extract<DiskStep, { kind: 'folder' | 'remove' }>
  | Extract<DiskStep, { kind: 'create' }>
  | Extract<DiskStep, { kind: 'rename' }>;

interface Inode {
  live: Buffer;
  durable: Buffer;
  /** Written and not yet safe. */
  pending: Change[];
  /** What a failed fsync was asked for: no later one makes it safe. */
  doubtful: Change[];
}

/** Names by path; a folder is a name without an inode. */
type Names = Map<string, number | null>;

const SECTOR_BYTES = 512;

export class PowerLossDisk {
  readonly steps: DiskStep[] = [];
  readonly #inodes = new Map<number, Inode>();
  #live: Names = new Map([['/', null]]);
  #durable: Names = new Map([['/', null]]);
  #pendingNames: NameChange[] = [];
  #nextInode = 1;

  /** Does a step and notes it. */
  do(step: DiskStep): void {
    this.steps.push(step);
    switch (step.kind) {
      case 'mark':
        break;
      case 'folder':
      case 'remove':
      case 'create':
      case 'rename':
        if (step.kind === 'create') this.#inode(step.inode);
        rename(this.#live, step);
        this.#pendingNames.push(step);
        break;
      case 'syncFolder': {
        const here = (change: NameChange) => path.dirname(change.path) === step.path;
        for (const change of this.#pendingNames.filter(here)) rename(this.#durable, change);
        this.#pendingNames = this.#pendingNames.filter((change) => !here(change));
        break;
      }
      default:
        this.#write(step);
    }
  }

  #write(step: Change | Extract<DiskStep, { kind: 'sync' | 'syncFailed' }>): void {
    const inode = this.#inode(step.inode);
    switch (step.kind) {
      case 'write':
      case 'truncate':
        inode.live = changed(inode.live, step);
        inode.pending.push(step);
        break;
      case 'sync':
        inode.durable = inode.pending.reduce(changed, inode.durable);
        inode.doubtful = inode.doubtful.filter((old) => !inode.pending.some((later) => overlap(old, later)));
        inode.pending = [];
        break;
      case 'syncFailed':
        inode.doubtful.push(...inode.pending);
        inode.pending = [];
    }
  }

  #inode(number: number): Inode {
    const found = this.#inodes.get(number);
    if (found !== undefined) return found;
    const empty = Buffer.alloc(0);
    const made: Inode = { live: empty, durable: empty, pending: [], doubtful: [] };
    this.#inodes.set(number, made);
    this.#nextInode = Math.max(this.#nextInode, number + 1);
    return made;
  }

  newInode(): number {
    return this.#nextInode++;
  }

  inodeOf(file: string): number {
    const found = this.#live.get(file);
    if (found === undefined || found === null) throw systemError('ENOENT');
    return found;
  }

  has(name: string): boolean {
    return this.#live.has(name);
  }

  content(inode: number): Buffer {
    return this.#inode(inode).live;
  }

  namesIn(folder: string): string[] {
    if (!this.#live.has(folder)) throw systemError('ENOENT');
    const inside = [...this.#live.keys()].filter((name) => name !== '/' && path.dirname(name) === folder);
    return inside.map((name) => path.basename(name));
  }

  /** What a start after a loss of power finds: one of the many possible states. */
  afterPowerLoss(random: Random): PowerLossDisk {
    const after = new PowerLossDisk();
    const names = new Map(this.#durable);
    for (const change of this.#pendingNames) if (random.integer(0, 1) === 1) rename(names, change);
    for (const [name, inode] of [...names].sort(([one], [other]) => (one < other ? -1 : 1))) {
      if (name === '/' || !after.has(path.dirname(name))) continue;
      if (inode === null) after.do({ kind: 'folder', path: name });
      else {
        after.do({ kind: 'create', path: name, inode });
        const data = survivor(this.#inode(inode), random);
        after.do({ kind: 'write', inode, position: 0, data });
        after.do({ kind: 'sync', inode });
      }
      after.do({ kind: 'syncFolder', path: path.dirname(name) });
    }
    return after;
  }

  /** The disk as it was after the first `count` steps. */
  static replay(steps: readonly DiskStep[], count: number): PowerLossDisk {
    const disk = new PowerLossDisk();
    for (const step of steps.slice(0, count)) disk.do(step);
    return disk;
  }
}

/** What is safe, and of the rest some pieces. */
function survivor({ durable, pending, doubtful }: Inode, random: Random): Buffer {
  let content = durable;
  // A later write over the same bytes makes an earlier one of no account, so their order among each other is kept.
  for (const change of [...doubtful, ...pending]) {
    if (change.kind === 'truncate') {
      if (random.integer(0, 1) === 1 && change.bytes >= durable.length) content = changed(content, change);
      continue;
    }
    for (let at = 0; at < change.data.length; at += SECTOR_BYTES) {
      if (random.integer(0, 2) === 0) continue;
      const whole = change.data.subarray(at, at + SECTOR_BYTES);
      const data = random.integer(0, 4) === 0 ? whole.subarray(0, random.integer(0, whole.length)) : whole;
      content = changed(content, { ...change, position: change.position + at, data });
    }
  }
  return content;
}

function changed(content: Buffer, change: Change): Buffer {
  const end = change.kind === 'write' ? change.position + change.data.length : change.bytes;
  const length = change.kind === 'write' ? Math.max(content.length, end) : end;
  const next = Buffer.alloc(length);
  content.copy(next, 0, 0, Math.min(content.length, length));
  if (change.kind === 'write') change.data.copy(next, change.position);
  return next;
}

/** Data that was written again since is certain again. */
function overlap(one: Change, other: Change): boolean {
  if (one.kind === 'truncate' || other.kind === 'truncate') return false;
  return one.position < other.position + other.data.length && other.position < one.position + one.data.length;
}

function rename(names: Names, change: NameChange): void {
  if (change.kind === 'folder') names.set(change.path, null);
  else if (change.kind === 'create') names.set(change.path, change.inode);
  else {
    const inode = names.get(change.path);
    names.delete(change.path);
    if (change.kind === 'rename' && inode !== undefined) names.set(change.to, inode);
  }
}

/** An error as the system gives it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: by order of a test`), { code });
}

/** The spool's files on such a disk. */
export function filesOn(disk: PowerLossDisk): Files {
  return {
    async makeFolder(folder) {
      if (disk.has(folder)) return undefined;
      const above = path.dirname(folder);
      const topmost = disk.has(above) ? undefined : await this.makeFolder(above);
      disk.do({ kind: 'folder', path: folder });
      return topmost ?? folder;
    },
    async open(file, mode) {
      if (!disk.has(path.dirname(file))) throw systemError('ENOENT');
      if (mode === 'new' && disk.has(file)) throw systemError('EEXIST');
      if (!disk.has(file)) disk.do({ kind: 'create', path: file, inode: disk.newInode() });
      return openFile(disk, disk.inodeOf(file));
    },
    list: async (folder) => disk.namesIn(folder),
    facts: async (file) =>
      disk.has(file) ? { bytes: disk.content(disk.inodeOf(file)).length, modifiedAt: 0 } : null,
    read: async (file) => Buffer.from(disk.content(disk.inodeOf(file))),
    rename: async (from, to) => disk.do({ kind: 'rename', path: from, to }),
    remove: async (file) => {
      if (disk.has(file)) disk.do({ kind: 'remove', path: file });
    },
    syncFolder: async (folder) => disk.do({ kind: 'syncFolder', path: folder }),
  };
}

/** An open file whose fsync can be made to fail. */
export interface LosingFile extends OpenFile {
  syncFailed(): void;
}

function openFile(disk: PowerLossDisk, inode: number): LosingFile {
  return {
    async write(data, position) {
      disk.do({ kind: 'write', inode, position, data: Buffer.from(data) });
      return data.length;
    },
    datasync: async () => disk.do({ kind: 'sync', inode }),
    syncFailed: () => disk.do({ kind: 'syncFailed', inode }),
    truncate: async (bytes) => disk.do({ kind: 'truncate', inode, bytes }),
    close: async () => undefined,
  };
}
