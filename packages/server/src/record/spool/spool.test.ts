import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ERRNOS, OPERATIONS } from '../../../../../tests/faults/faulty-files.ts';
import {
  bench,
  FOLDER,
  ids,
  keep,
  PATIENCE_MS,
  readAll,
  some,
  three,
} from '../../../../../tests/faults/spool-bench.ts';
import { testEvent } from '../../../../../tests/ledger/events.ts';
import type { UsageEvent } from '../../ledger/usage-event.ts';
import { frameEvents } from './segment-content.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a write', () => {
  test('that the disk takes in pieces of any length is whole before it is acknowledged', async () => {
    const events = some(2);
    const { data } = frameEvents(events);
    for (let most = 1; most <= data.length; most += most < 40 ? 1 : 7) {
      const { files, open } = bench();
      const spool = await open();
      files.mostPerWrite = most;
      await spool.append(events);
      expect(ids((await spool.oldest())?.events ?? [])).toEqual(ids(events));
    }
  });

  test('is refused when the disk runs full at any of its bytes, and costs none of its neighbours', async () => {
    const [before, torn, after] = three();
    const { length } = frameEvents([torn]).data;
    for (const canTruncate of [true, false]) {
      for (let room = 0; room <= length; room += 1) {
        const { files, open, disk } = bench();
        const spool = await open();
        await spool.append([before]);
        files.room = room;
        if (!canTruncate) files.begin({ operations: ['truncate'], code: 'EIO' });
        const kept = await keep(spool, [torn]);
        expect(kept).toBe(room === length);
        files.heal();
        await vi.advanceTimersByTimeAsync(PATIENCE_MS);
        await spool.append([after]);
        const next = await bench(disk).open();
        expect(await readAll(next)).toEqual(ids(kept ? [before, torn, after] : [before, after]));
      }
    }
  });

  test('of which the disk takes no byte is refused', async () => {
    const { files, open } = bench();
    const spool = await open();
    files.mostPerWrite = 0;
    expect(await keep(spool, some(1))).toBe(false);
    expect(spool.status()).toMatchObject({ events: 0, bytes: 0 });
  });

  test('whose fsync failed is refused, and no fsync is asked of its file again', async () => {
    const { disk, files, open } = bench();
    const spool = await open();
    const [before, refused, after] = three();
    await spool.append([before]);
    files.begin({ operations: ['datasync'], code: 'EIO', times: 1 });
    expect(await keep(spool, [refused])).toBe(false);
    await vi.advanceTimersByTimeAsync(PATIENCE_MS);
    await spool.append([after]);
    const at = disk.steps.findIndex(({ kind }) => kind === 'syncFailed');
    const failed = disk.steps[at];
    if (failed?.kind !== 'syncFailed') throw new Error('no fsync failed');
    const later = disk.steps.slice(at).filter(({ kind }) => kind === 'sync' || kind === 'write');
    for (const step of later) expect(step).not.toMatchObject({ inode: failed.inode });
    expect(await readAll(spool)).toEqual(ids([before, after]));
  });

  test('waits for a slow fsync, and those who come meanwhile share the next one', async () => {
    const { files, open } = bench();
    const spool = await open();
    const { promise: synced, resolve: release } = Promise.withResolvers<void>();
    files.beforeSync = () => synced;
    let kept = 0;
    const events = some(5);
    const writes = events.map((event) => spool.append([event]).then(() => (kept += 1)));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(kept).toBe(0);
    files.beforeSync = null;
    release();
    await Promise.all(writes);
    expect(files.asked.get('datasync')).toBeLessThanOrEqual(2);
  });

  test('of an event longer than a reader takes leaves it out and keeps its neighbours', async () => {
    const { open } = bench();
    const spool = await open({ spoolBytes: 1e9 });
    const long = testEvent({ metadata: { text: 'x'.repeat(64 * 1024 * 1024) } });
    const [first, last] = three();
    expect(await spool.append([first, long, last])).toEqual([1]);
    expect(await spool.append([long])).toEqual([0]);
    expect(await readAll(spool)).toEqual(ids([first, last]));
  });
});

describe.each(OPERATIONS)('%s', (operation) => {
  test.each(ERRNOS)(
    'that fails with %s loses nothing acknowledged, and the spool goes on by itself',
    async (code) => {
      for (const after of [0, 1, 2]) {
        const { disk, files, open } = bench();
        const spool = await open({ segmentBytes: 1_500 });
        const acknowledged: UsageEvent[] = [];
        const read: string[] = [];
        const send = async () => {
          const events = some(2);
          if (await keep(spool, events)) acknowledged.push(...events);
        };
        await send();
        files.begin({ operations: [operation], code, after });
        for (let round = 0; round < 4; round += 1) {
          await send();
          // A reader that cannot read backs off and comes again.
          const segment = await spool.oldest().catch((error: unknown) => {
            expect(error).toMatchObject({ name: 'SpoolError' });
            return null;
          });
          if (segment !== null) {
            read.push(...ids(segment.events));
            await spool.remove(segment);
          }
          await vi.advanceTimersByTimeAsync(300);
        }
        files.heal();
        await vi.advanceTimersByTimeAsync(PATIENCE_MS);
        expect(spool.refusal()).toBeNull();
        await send();
        // A file that the system reports as missing is lost: the operator is told, and it cannot be restored.
        if (operation === 'read' && code === 'ENOENT') continue;
        read.push(...(await readAll(spool)));
        const lost = ids(acknowledged).filter((id) => !read.includes(id));
        expect(lost).toEqual([]);
        expect(new Set(read).size).toBe(read.length);
        expect(acknowledged.length).toBeGreaterThanOrEqual(4);
        await spool.close();
        expect(disk.namesIn(FOLDER)).toEqual([]);
      }
    },
  );
});
