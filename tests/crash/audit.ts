/** Compares the database with what the client knows: nothing lost, nothing twice, nothing invented, sums equal. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase, type Database } from '../../packages/server/src/db/database.ts';
import { isStoreUnavailable } from '../../packages/server/src/db/store-errors.ts';
import type { Load } from './load.ts';

/** Dimensions in which every event of the load has a value, so that each sums to all events. */
const WHOLE_DIMENSIONS = ['all', 'total', 'agent', 'project', 'user'];

const silent = { info() {}, warn() {}, error() {} };

export interface Audit {
  readonly acknowledged: number;
  /** Acknowledged and not in the database. */
  readonly lost: number;
  /** Ids that are in the database more than once. */
  readonly duplicated: number;
  /** Ids in the database that were never sent. */
  readonly invented: number;
  readonly quarantined: number;
  /** Stored events whose cost is not what the client worked out. */
  readonly mispriced: number;
  /** Rollups whose sums differ from the sums of the events, by name. */
  readonly wrongRollups: readonly string[];
}

/** What every audit must find. */
export const CLEAN = { lost: 0, duplicated: 0, invented: 0, quarantined: 0, mispriced: 0, wrongRollups: [] };

/** Waits until everything acknowledged has arrived (a spool is replayed in the background), then compares. */
export async function audit(connectionString: string, load: Load): Promise<Audit> {
  const database = createDatabase({ connectionString, log: silent, max: 2, statementTimeoutMs: 120_000 });
  try {
    const stored = await settledEvents(database, load);
    const costs = new Map(stored.map(({ id, cost }) => [id, cost]));
    const acknowledged = [...load.sent].filter(([, event]) => event.acknowledged);
    const { quarantined, wrongRollups } = await sums(database);
    return {
      acknowledged: acknowledged.length,
      lost: acknowledged.filter(([id]) => !costs.has(id)).length,
      duplicated: stored.length - costs.size,
      invented: stored.filter(({ id }) => !load.sent.has(id)).length,
      quarantined,
      mispriced: stored.filter(({ id, cost }) => load.sent.get(id)?.costPicos !== cost).length,
      wrongRollups,
    };
  } finally {
    await database.close();
  }
}

interface StoredEvent {
  readonly id: string;
  readonly cost: bigint | null;
}

const PATIENCE_MS = 60_000;

async function settledEvents(database: Database, load: Load): Promise<readonly StoredEvent[]> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const stored = await readEvents(database).catch(whileAway);
    const ids = new Set(stored.map(({ id }) => id));
    const missing = [...load.sent].some(([id, event]) => event.acknowledged && !ids.has(id));
    if (!missing || performance.now() > deadline) return stored;
    await sleep(100);
  }
}

/** A database that is just coming back holds nothing yet, as far as the audit can tell. */
function whileAway(error: unknown): readonly StoredEvent[] {
  if (isStoreUnavailable(error)) return [];
  throw error;
}

async function readEvents(database: Database): Promise<readonly StoredEvent[]> {
  const { rows } = await database.asOperator((tx) =>
    tx.query<{ id: string; cost: string | null }>('select id, total_cost as cost from usage_events'),
  );
  return rows.map(({ id, cost }) => ({ id, cost: cost === null ? null : picos(cost) }));
}

/** `numeric(38,12)` prints twelve decimals, so the digits are the picos. */
function picos(cost: string): bigint {
  return BigInt(cost.replace('.', ''));
}

const SUMS = ['requests', 'input_tokens', 'output_tokens', 'total_cost']
  .map((name) => `sum(${name})::text`)
  .join(', ');

async function sums(database: Database): Promise<{ quarantined: number; wrongRollups: string[] }> {
  return database.asOperator(async (tx) => {
    const line = async (from: string, values: readonly unknown[] = []) =>
      Object.values((await tx.query(`select ${from}`, values)).rows[0] ?? {}).join(' ');
    const events = await line(
      'count(*)::text, sum(input_tokens)::text as i, sum(output_tokens)::text as o, sum(total_cost)::text as c from usage_events',
    );
    const ids = await line('count(*)::text from event_ids');
    const wrongRollups = ids === events.split(' ')[0] ? [] : [`event_ids: ${ids}, not ${events}`];
    for (const table of ['rollups_15m', 'rollups_day']) {
      for (const name of WHOLE_DIMENSIONS) {
        const columns = SUMS.split(', ')
          .map((sum, at) => `${sum} as c${at}`)
          .join(', ');
        const found = await line(`${columns} from ${table} where dimension = $1`, [name]);
        if (found !== events) wrongRollups.push(`${table}/${name}: ${found}, not ${events}`);
      }
    }
    return { quarantined: Number(await line('count(*)::text from quarantined_events')), wrongRollups };
  });
}
