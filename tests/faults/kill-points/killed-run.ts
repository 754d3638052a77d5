/** Runs recording processes that die at a named step, and looks at what a start after it makes of what they left. */
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../../packages/server/src/db/database.ts';
import type { UsageEvent } from '../../../packages/server/src/ledger/usage-event.ts';
import { quarantine } from '../../../packages/server/src/ledger/writing/quarantine-store.ts';
import { openJournal } from '../../../packages/server/src/record/journal/journal.ts';
import { removeFolder, temporaryFolder, testRecorder } from '../../ledger/recorders.ts';
import type { Orders } from './points.ts';

const PROCESS = path.join(import.meta.dirname, 'recording-process.ts');

/** What is known outside of a process that was killed. */
export interface KilledRun {
  readonly orders: Orders;
  readonly sent: readonly UsageEvent[];
  /** Ids that were acknowledged to their caller. */
  readonly acknowledged: ReadonlySet<string>;
  /** How it ended: `SIGKILL`, or what it said where it was not killed. */
  readonly end: string;
}

/** Starts a process with a folder of its own and waits for its death. */
export async function runToItsDeath(orders: Omit<Orders, 'folder'>): Promise<KilledRun> {
  const folder = await temporaryFolder();
  const all: Orders = { ...orders, folder };
  const child = spawn(process.execPath, [PROCESS, JSON.stringify(all)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const end = await new Promise<string>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? `exit ${code}: ${output.slice(-200)} ${errors}`));
  });
  const sent: UsageEvent[] = [];
  const acknowledged = new Set<string>();
  for (const line of output.split('\n').filter((one) => one !== '')) {
    const said = JSON.parse(line) as Said;
    sent.push(...(said.sent ?? []));
    for (const { id, status } of said.answered ?? []) if (status !== 'conflict') acknowledged.add(id);
  }
  return { orders: all, sent, acknowledged, end };
}

interface Said {
  readonly sent?: readonly UsageEvent[];
  readonly answered?: readonly { readonly id: string; readonly status: string }[];
}

export interface Recovered {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly invented: readonly string[];
  /** Sent, and after the client's own repeat not in the ledger once. */
  readonly missingAfterRepeat: readonly string[];
}

/** Starts on what a killed run left, looks, and then sends everything again as a careful client does. */
export async function recover(db: Database, run: KilledRun): Promise<Recovered> {
  const { folder, run: prefix } = run.orders;
  await mkdir(path.join(folder, 'journal'), { recursive: true });
  const { recorder } = await testRecorder(db, { spoolDirectory: path.join(folder, 'spool') });
  const journal = await openJournal({
    directory: path.join(folder, 'journal'),
    limits: { spoolBytes: 1024 * 1024, segmentBytes: 4_000 },
    recorder,
    quarantine: (event, reason) => db.asWriter((tx) => quarantine(tx, event, reason)),
    onDelayed: () => undefined,
  });
  await recorder.replayed();
  while (journal.events > 0) await sleep(5);
  const first = await storedTimes(db, prefix);
  const sent = new Set(run.sent.map((event) => event.id));
  await recorder.record(run.sent);
  const second = await storedTimes(db, prefix);
  await journal.drain();
  await recorder.drain();
  await removeFolder(folder);
  return {
    lost: [...run.acknowledged].filter((id) => !first.has(id)),
    doubled: [...first, ...second].filter(([, times]) => times > 1).map(([id]) => id),
    invented: [...second.keys()].filter((id) => !sent.has(id)),
    missingAfterRepeat: [...sent].filter((id) => second.get(id) !== 1),
  };
}

async function storedTimes(db: Database, prefix: string): Promise<Map<string, number>> {
  const { rows } = await db.asOperator((tx) =>
    tx.query<{ id: string; times: number }>(
      `select id, count(*)::int as times from usage_events where id like $1 || '-%' group by id`,
      [prefix],
    ),
  );
  return new Map(rows.map(({ id, times }) => [id, times]));
}

/** Runs the works with so many at a time, answers in order. */
export async function sideBySide<Result>(
  works: readonly (() => Promise<Result>)[],
  atATime: number,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const lane = async () => {
    for (let at = next++; at < works.length; at = next++) {
      const work = works[at];
      if (work !== undefined) results[at] = await work();
    }
  };
  await Promise.all(Array.from({ length: atATime }, lane));
  return results;
}
