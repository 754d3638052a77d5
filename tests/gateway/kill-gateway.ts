/** A gateway under load that is killed again and again, and which of its answers have their event. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { createDatabase, embeddedConnectionString } from '../../packages/server/src/index.ts';
import type { DataFolder } from '../crash/data-folder.ts';
import { seededRandom } from '../crash/random.ts';
import { printFigures, restartFigures } from '../crash/report.ts';
import type { ServerProcess } from '../crash/server-process.ts';
import { GatewayLoad } from './load.ts';

const silent = { info() {}, warn() {}, error() {} };

/** How many events each of the provider's ids has, once the spooled events have arrived. */
export async function eventsByResponse(
  server: ServerProcess,
  folder: DataFolder,
): Promise<Map<string, number>> {
  await expect
    .poll(() => eventsOnDisk(server.url), {
      timeout: 30_000,
      interval: 50,
    })
    .toBe(0);
  const connectionString = (await embeddedConnectionString(folder.path)) ?? '';
  const database = createDatabase({ connectionString, log: silent, max: 1 });
  try {
    const { rows } = await database.asOperator((tx) =>
      tx.query<{ id: string; count: number }>(
        'select response_id as id, count(*)::int as count from usage_events where response_id is not null group by 1',
      ),
    );
    return new Map(rows.map(({ id, count }) => [id, count]));
  } finally {
    await database.close();
  }
}

interface Readiness {
  readonly recorder: { readonly spooled_events: number; readonly journal_events: number };
}

/** Events that are durable and not in the ledger yet. */
async function eventsOnDisk(url: string): Promise<number> {
  const answer = (await (await fetch(`${url}/readyz`)).json()) as { data: Readiness };
  return answer.data.recorder.spooled_events + answer.data.recorder.journal_events;
}

/** What was answered whole, and what of it is in the ledger. */
export interface KilledGateway {
  readonly whole: ReadonlySet<string>;
  readonly missing: readonly string[];
  readonly doubled: readonly (readonly [id: string, events: number])[];
}

/** Kills a started gateway under load, again and again. */
export async function killGateway(
  server: ServerProcess,
  folder: DataFolder,
  kills: number,
): Promise<KilledGateway> {
  const random = seededRandom('kill -9 under gateway load');
  await server.start();
  const load = new GatewayLoad(server.url, 8);
  const restarts: number[] = [];
  for (let kill = 0; kill < kills; kill += 1) {
    await sleep(random.integer(50, 700));
    load.pause();
    await server.end('SIGKILL');
    restarts.push(await server.start());
    load.resume();
  }
  await sleep(300);
  await load.stop();
  const events = await eventsByResponse(server, folder);
  const missing = [...load.whole].filter((id) => !events.has(id));
  const doubled = [...events].filter(([, count]) => count > 1);
  printFigures('kill -9 under gateway load', {
    kills,
    whole: load.whole.size,
    brokenOff: load.brokenOff,
    events: events.size,
    missing: missing.length,
    doubled: doubled.length,
    restarts: restartFigures(restarts),
  });
  return { whole: load.whole, missing, doubled };
}
