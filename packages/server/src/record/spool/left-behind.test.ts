import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { seededRandom } from '../../../../../tests/crash/random.ts';
import {
  bench,
  FIRST,
  FOLDER,
  ids,
  keep,
  PATIENCE_MS,
  put,
  readAll,
  some,
  three,
} from '../../../../../tests/faults/spool-bench.ts';
import { frameEvents } from './segment-content.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a start', () => {
  test('on a full disk with a torn segment succeeds, gives what is sound, and takes events when there is space', async () => {
    const one = bench();
    const events = some(3);
    const { data } = frameEvents(events);
    await one.open();
    await put(one, FIRST, data.subarray(0, data.length - 5));
    one.files.room = 0;
    one.files.begin({ operations: ['open', 'makeFolder'], code: 'ENOSPC' });
    const spool = await one.open();
    expect(await readAll(spool)).toEqual(ids(events.slice(0, 2)));
    // The damaged stretch is not saved yet, so its segment stays.
    expect(one.disk.namesIn(FOLDER)).toEqual(['000000000001.spool']);
    expect(await keep(spool, some(1))).toBe(false);
    one.files.heal();
    await vi.advanceTimersByTimeAsync(PATIENCE_MS);
    expect(one.disk.namesIn(FOLDER)).toEqual(['000000000001.spool.damaged']);
    expect(await keep(spool, some(1))).toBe(true);
    expect(one.notices).toContain('Events are kept on disk again');
  });

  test.each(['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE'] as const)(
    'that cannot even look into the folder (%s) refuses until it can, and then says what was in it',
    async (code) => {
      const { files, open } = bench();
      const first = await open();
      const events = some(2);
      await first.append(events);
      await first.close();
      files.begin({ operations: ['list', 'makeFolder'], code });
      const spool = await open();
      let returned = 0;
      spool.onReturned(() => {
        returned += 1;
      });
      expect(await keep(spool, some(1))).toBe(false);
      files.heal();
      await vi.advanceTimersByTimeAsync(PATIENCE_MS);
      expect(returned).toBe(1);
      expect(await readAll(spool)).toEqual(ids(events));
    },
  );

  test.each(['EACCES', 'EROFS'] as const)(
    'that may not use the folder (%s) ends with what to do',
    async (code) => {
      const { files, open } = bench();
      files.begin({ operations: ['makeFolder'], code });
      await expect(open()).rejects.toThrow(/\/data\/spool.*FARTHING_DATA_DIR/s);
    },
  );

  test('finds everything but the last record, wherever that was cut', async () => {
    const events = some(3);
    const { data } = frameEvents(events);
    const { length } = frameEvents(events.slice(2)).data;
    for (let cut = 1; cut <= length; cut += 1) {
      const one = bench();
      await one.open();
      await put(one, FIRST, data.subarray(0, data.length - cut));
      const spool = await one.open();
      expect(await readAll(spool)).toEqual(ids(events.slice(0, 2)));
      const leftovers = await spool.leftovers();
      expect(leftovers.damagedFiles).toBe(cut === length ? 0 : 1);
    }
  });

  test('after one flipped bit, of a thousand tried, gives every other event, and the damaged one is kept', async () => {
    const random = seededRandom('flipped bits');
    const events = some(8);
    const { data } = frameEvents(events);
    for (let flip = 0; flip < 1_000; flip += 1) {
      const one = bench();
      await one.open();
      const flipped = Buffer.from(data);
      const at = random.integer(0, data.length - 1);
      flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << random.integer(0, 7)), at);
      await put(one, FIRST, flipped);
      const spool = await one.open();
      const read = await readAll(spool);
      expect(read).toHaveLength(7);
      expect(ids(events)).toEqual(expect.arrayContaining(read));
      expect(await spool.leftovers()).toMatchObject({ damagedFiles: 1 });
    }
  });

  test('gives a new segment no name of which something damaged is left', async () => {
    const one = bench();
    await one.open();
    await put(one, `${FOLDER}/000000000007.spool.damaged`, Buffer.from('x'));
    const spool = await one.open();
    await spool.append(some(1));
    expect(one.disk.namesIn(FOLDER)).toContain('000000000008.spool');
  });
});

describe('a segment', () => {
  test('that cannot be deleted is tried again, is not read twice by this process, and is by the next', async () => {
    const { disk, files, open } = bench();
    const spool = await open();
    const events = some(2);
    await spool.append(events);
    files.begin({ operations: ['remove'], code: 'EROFS' });
    expect(await readAll(spool)).toEqual(ids(events));
    expect(spool.bytes).toBe(0);
    expect(await spool.oldest()).toBeNull();
    const restarted = await bench(disk).open();
    expect(ids((await restarted.oldest())?.events ?? [])).toEqual(ids(events));
    files.heal();
    await vi.advanceTimersByTimeAsync(PATIENCE_MS);
    expect(disk.namesIn(FOLDER)).toEqual([]);
  });

  test('that cannot be read does not hold up the others, is set apart and told, and comes back', async () => {
    const { files, notices, open } = bench();
    const spool = await open({ segmentBytes: 1 });
    const [unread, ...others] = three();
    await spool.append([unread]);
    for (const event of others) await spool.append([event]);
    let returned = 0;
    spool.onReturned(() => {
      returned += 1;
    });
    const end = files.begin({ operations: ['read'], code: 'EIO', times: 1 });
    const first = await spool.oldest();
    expect(ids(first?.events ?? [])).toEqual([others[0]?.id]);
    end();
    const broken = files.begin({ operations: ['read'], code: 'EIO' });
    for (let tries = 0; tries < 5; tries += 1) await expect(spool.oldest()).rejects.toThrow(/cannot be read/);
    expect(spool.status()).toMatchObject({ unreadableSegments: 3, events: 0, bytes: 0 });
    expect(notices).toContain('A file of waiting events cannot be read');
    broken();
    await vi.advanceTimersByTimeAsync(PATIENCE_MS);
    expect(returned).toBe(1);
    expect(await readAll(spool)).toEqual(ids([unread, ...others]));
  });

  test('that somebody deleted is told with the number of its events, and the others go on', async () => {
    const { disk, notices, open } = bench();
    const spool = await open({ segmentBytes: 1 });
    const events = some(2);
    for (const event of events) await spool.append([event]);
    disk.do({ kind: 'remove', path: FIRST });
    expect(await readAll(spool)).toEqual(ids(events.slice(1)));
    expect(notices).toEqual(['A file of waiting events is gone']);
  });

  test('is read while others are being written without a pause', async () => {
    const { open } = bench();
    const spool = await open();
    let writing = true;
    const writer = async () => {
      while (writing) await spool.append(some(1));
    };
    const writers = [writer(), writer(), writer()];
    const segment = await spool.oldest();
    writing = false;
    await Promise.all(writers);
    expect(segment?.events.length).toBeGreaterThan(0);
  });

  test('with damage stays whole where a thousand damaged files are kept already, and goes when they are looked at', async () => {
    const one = bench();
    await one.open();
    const damagedName = (number: number) => `${FOLDER}/${String(number).padStart(12, '0')}.spool.damaged`;
    for (let number = 1; number <= 1_000; number += 1) await put(one, damagedName(number), Buffer.from('x'));
    const events = some(2);
    const { data } = frameEvents(events);
    await put(one, `${FOLDER}/000000002000.spool`, Buffer.concat([data, Buffer.from('torn')]));
    const spool = await one.open();
    expect(await spool.leftovers()).toMatchObject({ damagedFiles: 1_000, damagedBytes: 1_000 });
    expect(await readAll(spool)).toEqual(ids(events));
    await vi.advanceTimersByTimeAsync(PATIENCE_MS);
    expect(one.disk.namesIn(FOLDER)).toContain('000000002000.spool');
    one.disk.do({ kind: 'remove', path: damagedName(1) });
    await vi.advanceTimersByTimeAsync(PATIENCE_MS);
    expect(one.disk.namesIn(FOLDER)).not.toContain('000000002000.spool');
    expect(one.disk.namesIn(FOLDER)).toContain('000000002000.spool.damaged');
  });
});

describe('an event set aside', () => {
  test('is counted with its bytes, by this process and the next, and is a line that can be read', async () => {
    const { disk, open } = bench();
    const spool = await open();
    const [first, second] = three();
    await spool.setAside(first, 'because');
    await spool.setAside(second, 'because');
    const content = disk.content(disk.inodeOf(`${FOLDER}/set-aside.ndjson`));
    const counted = { setAsideEvents: 2, setAsideBytes: content.length };
    expect(await spool.leftovers()).toMatchObject(counted);
    expect(await (await open()).leftovers()).toMatchObject(counted);
    const lines = content.toString().trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).event.id)).toEqual(ids([first, second]));
  });

  test('is whole or not there, whatever the disk takes of it, and spoils no other', async () => {
    for (const canTruncate of [true, false]) {
      for (let room = 0; room < 1_000; room += 37) {
        const { disk, files, open } = bench();
        const spool = await open();
        const events = three();
        await spool.setAside(events[0], 'first');
        files.room = room;
        if (!canTruncate) files.begin({ operations: ['truncate'], code: 'EIO' });
        await expect(spool.setAside(events[1], 'torn')).rejects.toThrow(/no space/);
        files.heal();
        await spool.setAside(events[2], 'last');
        const lines = disk
          .content(disk.inodeOf(`${FOLDER}/set-aside.ndjson`))
          .toString()
          .split('\n');
        const whole = lines.flatMap((line) => /^\{.*"id":"([^"]+)".*\}$/.exec(line)?.[1] ?? []);
        expect(whole).toEqual([events[0].id, events[2].id]);
      }
    }
  });
});
