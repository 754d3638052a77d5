/** A whole server whose disk and database fail at random moments under load, at every door. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import { loadConfig } from '../../packages/server/src/config.ts';
import type { Database } from '../../packages/server/src/db/database.ts';
import { pickEnv } from '../../packages/server/src/env.ts';
import { createLog } from '../../packages/server/src/log.ts';
import { type RunningServer, startServer } from '../../packages/server/src/main.ts';
import { diskFiles } from '../../packages/server/src/record/spool/files.ts';
import { makeDataFolder } from '../crash/data-folder.ts';
import { type Random, seededRandom } from '../crash/random.ts';
import { printFigures } from '../crash/report.ts';
import { ADMIN_KEY } from '../crash/server-process.ts';
import { createTestDatabase } from '../postgres/test-database.ts';
import { startScriptedProvider } from '../provider/scripted-provider.ts';
import { cuttablePostgres } from './cuttable-postgres.ts';
import { DoorLoad } from './door-load.ts';
import { ERRNOS, FaultyFiles, type Operation } from './faulty-files.ts';

/** Where an error `ENOENT` says that a folder is gone; elsewhere it would say that events were deleted. */
const MAY_BE_GONE: readonly Operation[] = ['open', 'write', 'makeFolder', 'rename', 'remove', 'syncFolder'];
const ANY: readonly Operation[] = [...MAY_BE_GONE, 'datasync', 'truncate', 'close', 'list', 'facts', 'read'];
const PATIENCE = { timeout: 30_000, interval: 20 };

/**
 * Lets the disk fail at `moments` random moments; whatever was promised must hold. After every `pause`th of them it is left
 * in peace until recording has gone on by itself.
 */
export async function failAtRandomMoments(moments: number, pause: number): Promise<void> {
  const random = seededRandom('failing disk');
  const store = await createTestDatabase();
  onTestFinished(() => store.drop());
  const folder = await makeDataFolder();
  onTestFinished(() => folder.remove());
  const postgres = await cuttablePostgres(store.connectionString);
  onTestFinished(() => postgres.close());
  const provider = await startScriptedProvider({ live: true, keepRequests: 0 });
  onTestFinished(() => provider.close());
  const files = new FaultyFiles(diskFiles);
  const lines: string[] = [];
  const start = () =>
    startServer(
      loadConfig(
        pickEnv({
          PORT: '0',
          DATABASE_URL: postgres.connectionString,
          FARTHING_DATA_DIR: folder.path,
          FARTHING_ADMIN_KEY: ADMIN_KEY,
          FARTHING_LOG_LEVEL: 'error',
          FARTHING_JOBS: 'false',
          FARTHING_OPENAI_BASE_URL: provider.url,
        }),
      ),
      { files, log: createLog({ level: 'error', stream: { write: (line) => lines.push(line) } }) },
    );
  let server = await start();
  const stop = () => server.stop();
  onTestFinished(stop);
  const load = new DoorLoad(server.url, `faults${random.seed}`, 3);
  for (let moment = 0; moment < moments; moment += 1) {
    await sleep(random.integer(5, 120));
    if (random.integer(0, 2) > 0) postgres.cut();
    failSomehow(files, random);
    await sleep(random.integer(5, 200));
    files.heal();
    postgres.mend();
    if (moment % pause === 0) await goesOn(server, load);
  }
  // The end of a run with the database away and events on disk, and the start after it.
  postgres.cut();
  await sleep(200);
  await load.stop();
  await server.stop();
  postgres.mend();
  server = await start();
  await expect.poll(() => waiting(server), PATIENCE).toBe(0);

  const found = await ledgerOf(store.database);
  const told = new Set(
    lines.flatMap((line) => /"id":"([^"]+)".*"msg":"Cost recording failed"/.exec(line)?.[1] ?? []),
  );
  const lost = [...load.acknowledged].filter((id) => !found.has(id));
  const silent = [...load.answered].filter((id) => !found.has(id) && !told.has(id));
  const doubled = [...found].filter(([, times]) => times > 1);
  printFigures('failing disk', {
    moments,
    operationsFailed: files.failed,
    acknowledged: load.acknowledged.size,
    answered: load.answered.size,
    refused: load.refused,
    toldAsLost: [...load.answered].filter((id) => !found.has(id) && told.has(id)).length,
    lost: lost.length,
    silent: silent.length,
    doubled: doubled.length,
  });
  expect(load.wrong).toEqual([]);
  expect({ lost, silent, doubled }).toEqual({ lost: [], silent: [], doubled: [] });
  expect(files.failed).toBeGreaterThan(moments);
  expect(load.acknowledged.size).toBeGreaterThan(moments);
  expect(load.answered.size).toBeGreaterThan(moments);
}

/** Full, over its quota, read-only, out of descriptors, or failing at some of the operations. */
function failSomehow(files: FaultyFiles, random: Random): void {
  const code = ERRNOS[random.integer(0, ERRNOS.length - 1)] ?? 'EIO';
  const possible = code === 'ENOENT' ? MAY_BE_GONE : ANY;
  switch (random.integer(0, 3)) {
    case 0:
      files.begin({ code, operations: possible });
      break;
    case 1:
      files.begin({ code, operations: possible.filter(() => random.integer(0, 2) === 0) });
      break;
    case 2:
      files.room = random.integer(0, 5_000);
      break;
    default:
      files.mostPerWrite = random.integer(0, 300);
      files.begin({ code, operations: possible, after: random.integer(0, 20), times: random.integer(1, 20) });
  }
}

/** Events are kept and calls are carried again, by themselves. */
async function goesOn(server: RunningServer, load: DoorLoad): Promise<void> {
  const { acknowledged, answered } = load;
  const [before, beforeAnswered] = [acknowledged.size, answered.size];
  const stands = () => ({
    ingests: acknowledged.size > before,
    answers: answered.size > beforeAnswered,
    refuses: (server.context.recorder.spool.refusal() ?? server.context.journal.refusal())?.message ?? null,
    wrong: load.wrong,
  });
  await expect.poll(stands, PATIENCE).toEqual({ ingests: true, answers: true, refuses: null, wrong: [] });
}

function waiting({ context: { recorder, journal } }: RunningServer): number {
  return recorder.status().spooledEvents + journal.events;
}

/** How often each id is in the ledger or in quarantine. */
async function ledgerOf(database: Database): Promise<Map<string, number>> {
  const { rows } = await database.asOperator((tx) =>
    tx.query<{ id: string; times: number }>(
      `select id, count(*)::int as times from
         (select id from usage_events union all select event_id as id from quarantined_events) as kept
       group by id`,
    ),
  );
  return new Map(rows.map(({ id, times }) => [id, times]));
}
