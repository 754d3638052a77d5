/** SQL of `erasures`. */
import type { Tx } from '../db/database.ts';
import { audit } from '../tenants/audit/write-audit.ts';
import { type Erasure, type NewErasure, userHash } from './erasure.ts';

const utc = (column: string) =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ${column}`;
const ERASURE = `e.id::text, e.tenant_id as tenant, encode(e.user_hash, 'hex') as user_hash, e.thorough, ${utc('before')},
  ${utc('requested_at')}, e.requested_by, e.status, ${utc('finished_at')}, e.error, e.events::float8 as events,
  e.tagged_events::float8 as tagged_events, e.quarantined::float8 as quarantined,
  e.adjustments::float8 as adjustments, e.rollup_rows::float8 as rollup_rows, e.longest_ms,
  (select count(*)::int from api_keys k where k.tenant_id = e.tenant_id and k.revoked_at is null
      and k.user_id is not null and sha256(convert_to(k.tenant_id || '/' || k.user_id, 'UTF8')) = e.user_hash) as bound_keys`;

/**
 * Opens an erasure, or returns the person's open one, extended to the later of both times. Its line of the audit log
 * has no name.
 */
export async function insertErasure(tx: Tx, erasure: NewErasure): Promise<Erasure> {
  const { tenant, user, thorough, before, actor } = erasure;
  const hash = userHash(tenant, user);
  const { rows } = await tx.query<{ id: string }>(
    `insert into erasures (tenant_id, user_hash, user_id, thorough, before, requested_by)
     values ($1, decode($2, 'hex'), $3, $4, $5, $6)
     on conflict (tenant_id, user_hash) where status = 'running'
       do update set before = greatest(erasures.before, excluded.before)
     returning id::text`,
    [tenant, hash, user, thorough, before, actor],
  );
  const id = rows[0]?.id ?? '';
  const details = { id, user_hash: hash, thorough, before: before.toISOString() };
  await audit(tx, { actor, action: 'user.erase', tenantId: tenant, details });
  return requireErasure(tx, id);
}

/** With `tenant` only that tenant's; null where there is none. */
export async function readErasure(tx: Tx, id: string, tenant: string | null): Promise<Erasure | null> {
  const { rows } = await tx.query<Erasure>(
    `select ${ERASURE} from erasures e where e.id = $1 and ($2::text is null or e.tenant_id = $2)`,
    [id, tenant],
  );
  return rows[0] ?? null;
}

async function requireErasure(tx: Tx, id: string): Promise<Erasure> {
  const found = await readErasure(tx, id, null);
  if (found === null) throw new Error(`Erasure ${id} is gone.`);
  return found;
}

/** Newest first, at most a hundred. */
export async function listErasures(tx: Tx, tenant: string | null): Promise<readonly Erasure[]> {
  const { rows } = await tx.query<Erasure>(
    `select ${ERASURE} from erasures e where $1::text is null or e.tenant_id = $1
      order by e.requested_at desc, e.id limit 100`,
    [tenant],
  );
  return rows;
}

export async function openErasures(tx: Tx): Promise<readonly string[]> {
  const { rows } = await tx.query<{ id: string }>(
    "select id::text from erasures where status = 'running' order by requested_at, id",
  );
  return rows.map((row) => row.id);
}

/** An open erasure, as the work needs it. */
export interface OpenErasure {
  readonly id: string;
  readonly tenant: string;
  readonly user: string;
  readonly thorough: boolean;
  readonly before: Date;
}

const OPEN = 'select id::text, tenant_id as tenant, user_id as user, thorough, before from erasures';

/** The open erasure, locked; null where it is over, or another process is at it. */
export async function lockErasure(tx: Tx, id: string): Promise<OpenErasure | null> {
  const { rows } = await tx.query<OpenErasure>(
    `${OPEN} where id = $1 and status = 'running' for update skip locked`,
    [id],
  );
  return rows[0] ?? null;
}

export type Counter = 'events' | 'tagged_events' | 'quarantined' | 'adjustments' | 'rollup_rows';

export async function countErased(
  tx: Tx,
  id: string,
  counter: Counter,
  n: number,
  ms: number,
): Promise<void> {
  await tx.query(
    `update erasures set ${counter} = ${counter} + $2, longest_ms = greatest(longest_ms, $3) where id = $1`,
    [id, n, Math.ceil(ms)],
  );
}

/** The open erasure as it is now; null if it is over. Locked by callers that change anything. */
export async function readOpen(tx: Tx, id: string): Promise<OpenErasure | null> {
  const { rows } = await tx.query<OpenErasure>(`${OPEN} where id = $1 and status = 'running'`, [id]);
  return rows[0] ?? null;
}

/**
 * Ends an erasure that reached `before`, and deletes the name with it. False if the erasure has been extended
 * meanwhile.
 */
export async function endErasure(tx: Tx, id: string, before: Date): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update erasures set status = 'done', finished_at = now(), user_id = null
      where id = $1 and status = 'running' and before <= $2`,
    [id, before],
  );
  return rowCount === 1;
}

/** Ends an erasure that cannot be carried out, with the reason. */
export async function failErasure(tx: Tx, id: string, error: string): Promise<void> {
  await tx.query(
    `update erasures set status = 'failed', error = $2, finished_at = now(), user_id = null
      where id = $1 and status = 'running'`,
    [id, error],
  );
}

/** Days after an erasure on which events that were still on their way are looked for. */
const FOLLOWED_DAYS = 30;

interface Followed {
  readonly id: string;
  readonly tenant: string;
  readonly hash: string;
  readonly before: Date;
  readonly requested_at: Date;
}

/**
 * Reopens erasures whose person again has events from before it: these were in a spool, a journal or a file that was
 * imported later. Answers how many.
 */
export async function reopenErasures(tx: Tx): Promise<number> {
  const { rows } = await tx.query<Followed>(
    `select distinct on (tenant_id, user_hash) id::text, tenant_id as tenant, encode(user_hash, 'hex') as hash, before,
            requested_at
       from erasures e where status = 'done' and requested_at > now() - interval '${FOLLOWED_DAYS} days'
        and not exists (select from erasures o where o.tenant_id = e.tenant_id and o.user_hash = e.user_hash
                           and o.status = 'running')
      order by tenant_id, user_hash, before desc`,
  );
  let reopened = 0;
  for (const one of rows) {
    const user = (await userWithEvents(tx, one)) ?? (await userInQuarantine(tx, one));
    if (user === null) continue;
    await tx.query(
      "update erasures set status = 'running', user_id = $2, finished_at = null where id = $1 and status = 'done'",
      [one.id, user],
    );
    reopened += 1;
  }
  return reopened;
}

async function userWithEvents(tx: Tx, { tenant, hash, before }: Followed): Promise<string | null> {
  const { rows } = await tx.query<{ value: string }>(
    `select value from (select distinct value from rollups_day
                         where tenant_id = $1 and dimension = 'user' and bucket <= ($3::timestamptz + interval '1 day')::date) u
      where sha256(convert_to($1 || '/' || value, 'UTF8')) = decode($2, 'hex')
        and exists (select from usage_events e where e.tenant_id = $1 and e.user_id = u.value and e.event_time < $3)`,
    [tenant, hash, before],
  );
  return rows[0]?.value ?? null;
}

async function userInQuarantine(tx: Tx, { tenant, hash, requested_at }: Followed): Promise<string | null> {
  const { rows } = await tx.query<{ event: string }>(
    'select event::text as event from quarantined_events where tenant_id = $1 and at >= $2 order by id limit 1000',
    [tenant, requested_at],
  );
  for (const { event } of rows) {
    const user = (JSON.parse(event) as { attribution?: { user?: unknown } }).attribution?.user;
    if (typeof user === 'string' && userHash(tenant, user) === hash) return user;
  }
  return null;
}
