/**
 * Makes the steps of recording visible from outside, in a process of its own: the product knows nothing of it. Files are
 * seen by standing in for Node's own functions, statements by standing in front of the database.
 */
import fs, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import pg from 'pg';
import type { Database, Statement, Tx } from '../../../packages/server/src/db/database.ts';

/** Hears of every step, just after it was taken. */
export type OnStep = (step: string) => void;

const SEGMENT = /^\d{12}\.spool$/;

/** From here on the files of `folder` are watched. */
export function watchFiles(folder: string, onStep: OnStep): void {
  const { open, readFile, rm } = fs;
  const isSegment = (file: unknown) => typeof file === 'string' && SEGMENT.test(path.basename(file));
  Object.assign(fs, {
    async open(file: string, ...rest: [string, number?]) {
      const handle = await open(file, ...rest);
      if (file === folder) return watchFolder(handle, onStep);
      if (!isSegment(file) || path.dirname(file) !== folder) return handle;
      onStep('segment opened');
      return watchSegment(handle, onStep);
    },
    async readFile(...given: Parameters<typeof readFile>) {
      const content = await readFile(...given);
      if (isSegment(given[0])) onStep('segment read back');
      return content;
    },
    async rm(...given: Parameters<typeof rm>) {
      await rm(...given);
      if (isSegment(given[0])) onStep('segment deleted, folder not synced');
    },
  });
  syncBuiltinESMExports();
}

function watchFolder(handle: FileHandle, onStep: OnStep): FileHandle {
  return instead(handle, {
    async sync() {
      await handle.sync();
      onStep('folder synced');
    },
  });
}

function watchSegment(handle: FileHandle, onStep: OnStep): FileHandle {
  return instead(handle, {
    async write(data: Buffer, offset: number, length: number, position: number) {
      const half = Math.floor(length / 2);
      await handle.write(data, offset, half, position);
      onStep('half a write done');
      const { bytesWritten } = await handle.write(data, offset + half, length - half, position + half);
      onStep('write done, not synced');
      return { bytesWritten: half + bytesWritten, buffer: data };
    },
    async datasync() {
      await handle.datasync();
      onStep('write synced');
    },
    async close() {
      await handle.close();
      onStep('segment closed');
    },
  });
}

/** `target` with some methods replaced. */
function instead(target: FileHandle, methods: { readonly [name: string]: unknown }): FileHandle {
  return new Proxy(target, {
    get(of, name) {
      if (typeof name === 'string' && Object.hasOwn(methods, name)) return methods[name];
      const value: unknown = Reflect.get(of, name, of);
      return typeof value === 'function' ? value.bind(of) : value;
    },
  });
}

const STATEMENTS: readonly (readonly [RegExp, string])[] = [
  [/^create table usage_events_/, 'month made'],
  [/^insert into event_ids/, 'ids claimed'],
  [/^insert into usage_events/, 'events inserted'],
  [/^update event_ids/, 'ids moved'],
  [/^update usage_events/, 'event replaced'],
  [/^insert into cost_adjustments/, 'adjustment written'],
  [/^insert into (projects|environments|agents|price_cards)/, 'names registered'],
  [/^insert into rollups_15m/, 'quarter hours added'],
  [/^insert into rollups_day/, 'days added'],
  [/^insert into quarantined_events/, 'quarantine written'],
  [/^with head as \(update wake_ups/, 'round written'],
  [/^notify /, 'listeners told'],
];

/** The database, which reports its steps; while `away` it cannot be reached. */
export function watchDatabase(db: Database, onStep: OnStep): Database & { away: boolean } {
  const watched = {
    ...db,
    away: false,
    async asWriter<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
      if (watched.away) throw refused();
      const result = await db.asWriter(async (tx) => {
        onStep('transaction begun');
        const done = await work(watchStatements(tx, onStep));
        onStep('work done, COMMIT not sent');
        return done;
      });
      onStep('COMMIT answered');
      return result;
    },
    async asOwner<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
      if (watched.away) throw refused();
      return db.asOwner((tx) => work(watchStatements(tx, onStep)));
    },
  };
  return watched;
}

const refused = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

function watchStatements(tx: Tx, onStep: OnStep): Tx {
  return {
    async query<Row extends object>(statement: Statement, values?: readonly unknown[]) {
      const result = await tx.query<Row>(statement, values);
      const text = (typeof statement === 'string' ? statement : statement.text).trim();
      for (const [pattern, step] of STATEMENTS) if (pattern.test(text)) onStep(step);
      return result;
    },
  };
}

/** From here on each COMMIT is reported when it is on its way to the server. */
export function watchCommits(onStep: OnStep): void {
  const { query } = pg.Client.prototype;
  Object.assign(pg.Client.prototype, {
    query(this: pg.Client, ...given: unknown[]) {
      const answer: unknown = Reflect.apply(query, this, given);
      if (textOf(given[0]) === 'commit') onStep('COMMIT sent, not answered');
      return answer;
    },
  });
}

function textOf(query: unknown): unknown {
  return typeof query === 'object' && query !== null && 'text' in query ? query.text : query;
}
