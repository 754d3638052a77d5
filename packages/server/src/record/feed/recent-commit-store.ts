/**
 * `recent_commits`: the commits of the last seconds, in rounds. Each process reads on from the last round it has seen.
 */
import pg from 'pg';
import type { Tx } from '../../db/database.ts';

/** One committed event, enough to fetch it. */
export interface FeedItem {
  readonly tenant: string;
  readonly id: string;
  /** Unix milliseconds. */
  readonly time: number;
}

/** A tenant's part of a round. */
export interface TenantCommits {
  readonly items: readonly FeedItem[];
  /** True when more were committed than are listed: read the newest from the ledger. */
  readonly overflow: boolean;
}

/** Number of rounds kept. A process that is further behind reads the ledger. */
const KEPT_ROUNDS = 256;

/**
 * Writes a round and wakes the listeners. Rounds are numbered without gaps in commit order, since each locks the same
 * row. Without tenants: it is unknown whose events changed, so every subscriber looks.
 */
export async function writeRound(tx: Tx, tenants: ReadonlyMap<string, TenantCommits>): Promise<void> {
  const rows = [...tenants].map(([tenant, { items, overflow }]) => ({
    tenant,
    items: items.map(({ id, time }) => [id, time]),
    overflow,
  }));
  const { rows: heads } = await tx.query<{ channel: string }>(
    `with head as (update wake_ups set rounds = rounds + 1 where topic = 'events' returning rounds, channel),
          old as (delete from recent_commits using head where round <= head.rounds - ${KEPT_ROUNDS}),
          new as (insert into recent_commits (tenant_id, round, items, overflow)
                  select one.tenant, head.rounds, one.items, one.overflow
                    from head, jsonb_to_recordset($1::jsonb) as one (tenant text, items jsonb, overflow boolean))
     select channel from head`,
    [JSON.stringify(rows)],
  );
  const channel = heads[0]?.channel;
  if (channel !== undefined) await tx.query(`notify ${pg.escapeIdentifier(channel)}`);
}

/** The number of the newest round. */
export async function readNewestRound(tx: Tx): Promise<bigint> {
  const { rows } = await tx.query<{ head: string }>(
    `select rounds as head from wake_ups where topic = 'events'`,
  );
  return BigInt(rows[0]?.head ?? 0);
}

export interface NewRounds {
  readonly head: bigint;
  /** By tenant, oldest first; null: it is unknown what was committed, so every subscriber looks. */
  readonly tenants: ReadonlyMap<string, TenantCommits> | null;
}

/** Commits after round `since`. */
export async function readRounds(tx: Tx, since: bigint): Promise<NewRounds> {
  const { rows } = await tx.query<{
    head: string;
    round: string | null;
    tenant_id: string;
    items: readonly (readonly [string, number])[];
    overflow: boolean;
  }>(
    `select w.rounds as head, r.round, r.tenant_id, r.items, r.overflow
       from wake_ups w left join recent_commits r on r.round > $1 and r.round <= w.rounds
      where w.topic = 'events' order by r.round`,
    [since.toString()],
  );
  const head = BigInt(rows[0]?.head ?? 0);
  if (head === since) return { head, tenants: new Map() };
  const told = new Set(rows.map(({ round }) => round));
  // A round without a row is one of everyone's, was lost in a crash, or is too old.
  if (head < since || told.has(null) || BigInt(told.size) < head - since) return { head, tenants: null };
  const tenants = new Map<string, { items: FeedItem[]; overflow: boolean }>();
  for (const { tenant_id: tenant, items, overflow } of rows) {
    const known = tenants.get(tenant) ?? { items: [], overflow: false };
    for (const [id, time] of items) known.items.push({ tenant, id, time });
    known.overflow ||= overflow;
    tenants.set(tenant, known);
  }
  return { head, tenants };
}
