import { expect, onTestFinished, test } from 'vitest';
import { testEvent } from '../../../../tests/ledger/events.ts';
import { removeFolder, testRecorder } from '../../../../tests/ledger/recorders.ts';
import { createTestDatabase } from '../../../../tests/postgres/test-database.ts';
import { encodeFeed } from './announcer.ts';
import { createFeed, type FeedMessage } from './feed.ts';

test('commits are heard by their tenant and by who hears all, not by other tenants', async () => {
  const store = await createTestDatabase();
  onTestFinished(() => store.drop());
  const { recorder, spoolDirectory } = await testRecorder(store.database);
  const feed = await createFeed(store.database);
  const other: FeedMessage[] = [];
  feed.subscribe('other', (message) => other.push(message));
  const heardByAll = new Promise<FeedMessage>((resolve) => feed.subscribe(null, resolve));
  const heard = new Promise<FeedMessage>((resolve) => feed.subscribe('default', resolve));
  const event = testEvent();
  await recorder.record([event]);
  const message = { items: [{ tenant: 'default', id: event.id, time: event.time }], overflow: false };
  expect(await heard).toEqual(message);
  expect(await heardByAll).toEqual(message);
  expect(other).toEqual([]);
  await recorder.drain();
  await feed.close();
  await removeFolder(spoolDirectory);
});

test('a payload stays below what NOTIFY takes, keeps the newest and says that some are missing', () => {
  const items = Array.from({ length: 250 }, (_, index) => ({
    tenant: 'default',
    id: `${'ü'.repeat(60)}${index}`,
    time: index,
  }));
  const payload = encodeFeed({ items, overflow: false });
  expect(Buffer.byteLength(payload)).toBeLessThan(8_000);
  const decoded: { e: [string, string, number][]; o?: boolean } = JSON.parse(payload);
  expect(decoded.o).toBe(true);
  expect(decoded.e.at(-1)?.[2]).toBe(249);
});

test('after the notification connection was lost, everyone is told to read the newest', async () => {
  const store = await createTestDatabase();
  onTestFinished(() => store.drop());
  const feed = await createFeed(store.database);
  onTestFinished(() => feed.close());
  const told = new Promise<FeedMessage>((resolve) => feed.subscribe('default', resolve));
  await store.database.asOwner((tx) =>
    tx.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'farthing listen' and datname = current_database()`,
    ),
  );
  expect(await told).toEqual({ items: [], overflow: true });
});
