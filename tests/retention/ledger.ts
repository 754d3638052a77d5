/** A ledger for tests of retention: tenants in several zones, months of events, and its sums to compare. */
import type { Database } from '../../packages/server/src/db/database.ts';
import type { UsageEvent } from '../../packages/server/src/ledger/usage-event.ts';
import { runRetention } from '../../packages/server/src/retention/run-retention.ts';
import { type TestEvent, testEvent } from '../ledger/events.ts';
import { removeFolder, testRecorder } from '../ledger/recorders.ts';

/** What the clock says in these tests. */
export const NOW = Date.UTC(2026, 10, 22, 12);
export const DAY = 86_400_000;

export async function makeTenants(db: Database, zones: { readonly [id: string]: string }): Promise<void> {
  await db.asOperator(async (tx) => {
    for (const [id, zone] of Object.entries(zones))
      await tx.query('insert into tenants (id, name, time_zone) values ($1, $1, $2)', [id, zone]);
  });
}

/** Records events with a recorder that knows nothing of earlier ones, and answers what became of each. */
export async function record(db: Database, events: readonly UsageEvent[]): Promise<readonly string[]> {
  const { recorder, spoolDirectory } = await testRecorder(db);
  try {
    const outcomes = await recorder.record(events);
    return outcomes.map((outcome) =>
      'code' in outcome ? `${outcome.status}: ${outcome.code}` : outcome.status,
    );
  } finally {
    await recorder.drain();
    await removeFolder(spoolDirectory);
  }
}

/** `count` events of a tenant, evenly over the last `days` days. */
export function history(tenant: string, count: number, days: number, more: TestEvent = {}): UsageEvent[] {
  return Array.from({ length: count }, (_, index) =>
    testEvent({
      tenant,
      id: `${tenant}-${index}`,
      time: NOW - Math.floor(((index + 0.5) * days * DAY) / count),
      model: ['gpt-4o', 'gpt-4o-mini', 'nobody-knows-this'][index % 3] ?? 'gpt-4o',
      input: 1_000 + index,
      ...more,
      attribution: {
        agent: ['a', 'b', null][index % 3] ?? null,
        user: ['u1', null][index % 2] ?? null,
        tags: index % 4 === 0 ? { team: 'search' } : {},
        ...more.attribution,
      },
    }),
  );
}

/** Every row of sums, as text: equal texts are equal ledgers to the picodollar. */
export async function sums(db: Database, where = 'true'): Promise<readonly string[]> {
  const { rows } = await db.asOperator((tx) =>
    tx.query<{ row: string }>(
      `select r::text as row from rollups_15m r where requests <> 0 and ${where}
       union all select r::text from rollups_day r where requests <> 0 and ${where} order by 1`,
    ),
  );
  return rows.map(({ row }) => row);
}

export async function count(db: Database, sql: string): Promise<number> {
  const { rows } = await db.asOperator((tx) =>
    tx.query<{ n: number }>(`select count(*)::int as n from ${sql}`),
  );
  return rows[0]?.n ?? 0;
}

export async function setDays(db: Database, tenant: string, days: number | null): Promise<void> {
  await db.asOperator((tx) =>
    tx.query('update tenants set retention_days = $2 where id = $1', [tenant, days]),
  );
}

/** One round of retention, without the time it gives other processes to learn of a watermark. */
export function retain(
  db: Database,
  options: { readonly instanceDays?: number; readonly graceMs?: number; readonly signal?: AbortSignal } = {},
) {
  const { instanceDays = null, graceMs = 0, signal = new AbortController().signal } = options;
  return runRetention({ db, instanceDays, now: () => NOW, graceMs }, signal);
}
