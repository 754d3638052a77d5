import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { testEvent } from '../../../../../tests/ledger/events.ts';
import { removeFolder, testRecorder } from '../../../../../tests/ledger/recorders.ts';
import { createTestDatabase, type TestDatabase } from '../../../../../tests/postgres/test-database.ts';
import type { Database, Work } from '../../db/database.ts';
import { createAnnouncer } from './announcer.ts';
import { createFeed, type Feed, type FeedItem, type FeedMessage } from './feed.ts';

let store: TestDatabase;
let looks = 0;
let feed: Feed;

/** Counts what the feed asks of the database. */
const counted = (db: Database): Database => ({
  ...db,
  asOperator: <Result>(work: Work<Result>) => {
    looks += 1;
    return db.asOperator(work);
  },
});

beforeEach(async () => {
  store = await createTestDatabase();
  looks = 0;
  feed = await createFeed(counted(store.database));
});
afterEach(async () => {
  await feed.close();
  await store.drop();
});

function hear(tenant: string | null): FeedMessage[] {
  const heard: FeedMessage[] = [];
  feed.subscribe(tenant, (message) => heard.push(message));
  return heard;
}

const channelOf = async (topic: string): Promise<string> => {
  const { rows } = await store.database.asOperator((tx) =>
    tx.query<{ channel: string }>('select channel from wake_ups where topic = $1', [topic]),
  );
  return rows[0]?.channel ?? '';
};

const items = (tenant: string, from: number, count: number): FeedItem[] =>
  Array.from({ length: count }, (_, index) => ({
    tenant,
    id: `${tenant}-${from + index}`,
    time: from + index,
  }));

const cutOff = () =>
  store.database.asOwner((tx) =>
    tx.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'farthing listen' and datname = current_database()`,
    ),
  );

test('commits are heard by their tenant and by who hears all, not by other tenants', async () => {
  const { recorder, spoolDirectory } = await testRecorder(store.database);
  const [other, all, own] = [hear('other'), hear(null), hear('default')];
  const event = testEvent();
  await recorder.record([event]);
  const message = { items: [{ tenant: 'default', id: event.id, time: event.time }], overflow: false };
  await expect.poll(() => own).toEqual([message]);
  expect(all).toEqual([message]);
  expect(other).toEqual([]);
  await recorder.drain();
  await removeFolder(spoolDirectory);
});

test('of many the newest are named; only a tenant that had so many is told that some are missing', async () => {
  const [many, few] = [hear('many'), hear('few')];
  const announcer = createAnnouncer(store.database);
  announcer.add([...items('many', 0, 5_000), ...items('few', 0, 2)]);
  await announcer.close();
  await expect.poll(() => few.length).toBe(1);
  expect(few).toEqual([{ items: items('few', 0, 2), overflow: false }]);
  expect(many).toEqual([{ items: items('many', 5_000 - 256, 256), overflow: true }]);
});

test('rounds of several processes are all heard, in their order', async () => {
  const heard = hear(null);
  const announcers = Array.from({ length: 4 }, () => createAnnouncer(store.database));
  for (let round = 0; round < 5; round++) {
    for (const [index, announcer] of announcers.entries()) announcer.add(items(`t${index}`, round, 1));
    await Promise.all(announcers.map((announcer) => announcer.close()));
  }
  await expect.poll(() => heard.flatMap((message) => message.items).length).toBe(20);
  const ofOne = heard.flatMap((message) => message.items.filter(({ tenant }) => tenant === 't2'));
  expect(ofOne.map(({ time }) => time)).toEqual([0, 1, 2, 3, 4]);
  expect(heard.some(({ overflow }) => overflow)).toBe(false);
});

test('what was committed while the notification connection was lost is told when it is back', async () => {
  const heard = hear('default');
  await cutOff();
  const announcer = createAnnouncer(store.database);
  announcer.add(items('default', 7, 1));
  await announcer.close();
  await expect.poll(() => heard.flatMap((message) => message.items)).toEqual(items('default', 7, 1));
});

test('who is too far behind, or finds rounds lost in a crash, is told to read the newest', async () => {
  const heard = hear('default');
  const channel = await channelOf('events');
  await store.database.asOperator((tx) =>
    tx.query(`update wake_ups set rounds = rounds + 3 where topic = 'events'`),
  );
  await store.database.asOwner((tx) => tx.query(`notify ${channel}`));
  await expect.poll(() => heard).toEqual([{ items: [], overflow: true }]);
});

test('ten thousand forged notices, with whatever they say, make nobody hear anything and few looks', async () => {
  const heard = hear(null);
  const forged = `{"e":[["default","FORGED",1796024458819]],"o":true}`;
  const channels = ['farthing_events', await channelOf('events')];
  const before = looks;
  const began = performance.now();
  for (const channel of channels) {
    for (let batch = 0; batch < 50; batch++) {
      await store.database.asOwner((tx) =>
        tx.query(`select pg_notify($1, $2 || n) from generate_series(1, 100) n`, [channel, forged]),
      );
    }
  }
  // A real commit is still noticed after the flood.
  const announcer = createAnnouncer(store.database);
  announcer.add(items('default', 1, 1));
  await announcer.close();
  await expect.poll(() => heard.flatMap((message) => message.items)).toEqual(items('default', 1, 1));
  const tenths = Math.ceil((performance.now() - began) / 100);
  expect(looks - before).toBeLessThanOrEqual(tenths + 3);
  expect(heard).toHaveLength(1);
});

test('what is sent says nothing, and goes where only the server’s roles know', async () => {
  const channel = await channelOf('events');
  expect(channel).toMatch(/^farthing_[0-9a-f]{32}$/);
  const said = vi.fn();
  const announcer = createAnnouncer({
    ...store.database,
    asWriter: (work) =>
      store.database.asWriter((tx) =>
        work({
          query(statement, values) {
            if (/notify/i.test(String(statement))) said(statement);
            return tx.query(statement, values);
          },
        }),
      ),
  });
  announcer.add(items('acme', 0, 3));
  await announcer.close();
  expect(said.mock.calls).toEqual([[`notify "${channel}"`]]);
});
