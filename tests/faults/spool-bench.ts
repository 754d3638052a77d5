/** Spools on a disk in memory that fails on demand. */
import { expect } from 'vitest';
import type { UsageEvent } from '../../packages/server/src/ledger/usage-event.ts';
import { OverloadedError } from '../../packages/server/src/record/overloaded-error.ts';
import { openSpool, type Spool, type SpoolLimits } from '../../packages/server/src/record/spool/spool.ts';
import { testEvent } from '../ledger/events.ts';
import { FaultyFiles } from './faulty-files.ts';
import { filesOn, PowerLossDisk } from './power-loss-disk.ts';

/** The folder of the bench's spools, and the first segment in it. */
export const FOLDER = '/data/spool';
export const FIRST = `${FOLDER}/000000000001.spool`;
const LIMITS: SpoolLimits = { spoolBytes: 1_000_000, segmentBytes: 100_000 };
/** Longer than the longest pause between two looks at a disk that failed. */
export const PATIENCE_MS = 6_000;

export interface Bench {
  readonly disk: PowerLossDisk;
  readonly files: FaultyFiles;
  readonly notices: string[];
  /** Opens the folder as a next start does. */
  open(limits?: Partial<SpoolLimits>): Promise<Spool>;
}

/** A bench of its own; with a disk, the next start on that one, sound again. */
export function bench(disk = new PowerLossDisk()): Bench {
  const files = new FaultyFiles(filesOn(disk));
  const notices: string[] = [];
  const onNotice = (message: string) => notices.push(message);
  return {
    disk,
    files,
    notices,
    open: (limits = {}) => openSpool(FOLDER, { ...LIMITS, ...limits }, { files, onNotice }),
  };
}

/** Ids of everything that waits, oldest first; removes it. */
export async function readAll(spool: Spool): Promise<string[]> {
  const ids: string[] = [];
  for (let segment = await spool.oldest(); segment !== null; segment = await spool.oldest()) {
    ids.push(...segment.events.map(({ id }) => id));
    await spool.remove(segment);
  }
  return ids;
}

/** True where the events were acknowledged; anything but a refusal fails the test. */
export async function keep(spool: Spool, events: readonly UsageEvent[]): Promise<boolean> {
  try {
    await spool.append(events);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(OverloadedError);
    return false;
  }
}

export const some = (count: number): UsageEvent[] => Array.from({ length: count }, () => testEvent());
export const three = (): [UsageEvent, UsageEvent, UsageEvent] => [testEvent(), testEvent(), testEvent()];
export const ids = (events: readonly UsageEvent[]): string[] => events.map(({ id }) => id);

/** Puts a file there as something else would. */
export async function put({ disk }: Bench, file: string, content: Buffer): Promise<void> {
  const opened = await filesOn(disk).open(file, 'any');
  await opened.truncate(0);
  await opened.write(content, 0);
  await opened.datasync();
}
