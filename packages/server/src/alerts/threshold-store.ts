/** Thresholds in the database. Every change writes its line of the audit log in the same transaction. */
import { AppError, type Severity, type ThresholdPeriod, type ThresholdScope } from '@farthing/contract';
import { parseUsd, printUsd } from '@farthing/pricing';
import type { Database, Tx } from '../db/database.ts';
import { audit } from '../tenants/audit/write-audit.ts';
import { MAX_THRESHOLDS, type Threshold, type ThresholdTerms } from './threshold.ts';

/** A tenant's own thresholds, or (null) those of every tenant. */
export type ThresholdReach = string | null;

/** Thresholds. `actor` says in the audit log who changed one. */
export interface ThresholdStore {
  /** Oldest first, starting after this position. */
  list(
    reach: ThresholdReach,
    page: { readonly after: ThresholdPosition | null; readonly limit: number },
  ): Promise<Threshold[]>;
  /** Null: there is none with this id within reach. */
  find(reach: ThresholdReach, id: string): Promise<Threshold | null>;
  /** Of a tenant, or (null) of the instance. Refuses more than {@link MAX_THRESHOLDS} of one of them. */
  create(tenant: string | null, terms: ThresholdTerms, actor: string): Promise<Threshold>;
  /** Puts other terms in the place of all; null: there is none with this id within reach. */
  replace(reach: ThresholdReach, id: string, terms: ThresholdTerms, actor: string): Promise<Threshold | null>;
  /** Returns the removed threshold. Its alerts stay in the history. */
  remove(reach: ThresholdReach, id: string, actor: string): Promise<Threshold | null>;
  /** Enabled ones that are about a tenant: its own, and those for every tenant; null: all there are. */
  inForce(tenant: string | null): Promise<Threshold[]>;
}

/** The last threshold of the page before. */
export interface ThresholdPosition {
  /** Exact time, as Postgres prints it. */
  readonly createdAt: string;
  readonly id: string;
}

/** The store on Postgres. */
export function createThresholdStore(db: Database): ThresholdStore {
  return {
    list: (reach, page) => db.asOperator((tx) => list(tx, reach, page)),
    find: (reach, id) => db.asOperator(async (tx) => first(await select(tx, reach, id))),
    create: (tenant, terms, actor) => db.asOperator((tx) => create(tx, { tenant, terms, actor })),
    replace: (reach, id, terms, actor) => db.asOperator((tx) => replace(tx, { reach, id, actor }, terms)),
    remove: (reach, id, actor) => db.asOperator((tx) => remove(tx, { reach, id, actor })),
    inForce: (tenant) =>
      db.asOperator(async (tx) => {
        const { rows } = await tx.query<ThresholdRow>(
          `select ${COLUMNS} from alert_thresholds
            where enabled and ($1::text is null or tenant_id = $1 or (tenant_id is null and scope <> 'instance'))
            order by created_at, id`,
          [tenant],
        );
        return rows.map(toThreshold);
      }),
  };
}

interface ThresholdRow {
  readonly tenant_id: string | null;
  readonly id: string;
  readonly name: string | null;
  readonly scope: ThresholdScope;
  readonly subject: string | null;
  readonly period: ThresholdPeriod;
  readonly amount_usd: string;
  readonly severity: Severity;
  readonly enabled: boolean;
  readonly created_by: string;
  readonly created_at: Date;
  readonly updated_at: Date;
}

const COLUMNS =
  'tenant_id, id, name, scope, subject, period, amount_usd, severity, enabled, created_by, created_at, updated_at';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const REACH = '($1::text is null or tenant_id = $1) and id = $2';

const first = (rows: readonly ThresholdRow[]): Threshold | null =>
  rows[0] === undefined ? null : toThreshold(rows[0]);

async function select(tx: Tx, reach: ThresholdReach, id: string): Promise<ThresholdRow[]> {
  if (!UUID.test(id)) return [];
  return (await tx.query<ThresholdRow>(`select ${COLUMNS} from alert_thresholds where ${REACH}`, [reach, id]))
    .rows;
}

async function list(
  tx: Tx,
  reach: ThresholdReach,
  { after, limit }: { readonly after: ThresholdPosition | null; readonly limit: number },
): Promise<Threshold[]> {
  const { rows } = await tx.query<ThresholdRow>(
    `select ${COLUMNS} from alert_thresholds
      where ($1::text is null or tenant_id = $1)
        and ($2::text is null or (created_at, id) > ($2::timestamptz, $3::uuid))
      order by created_at, id limit $4`,
    [reach, after?.createdAt ?? null, after?.id ?? null, limit],
  );
  return rows.map(toThreshold);
}

interface NewThreshold {
  readonly tenant: string | null;
  readonly terms: ThresholdTerms;
  readonly actor: string;
}

async function create(tx: Tx, { tenant, terms, actor }: NewThreshold): Promise<Threshold> {
  if (tenant !== null) {
    const known = await tx.query('select 1 from tenants where id = $1 for share', [tenant]);
    if (known.rowCount === 0) throw new AppError('unknown_tenant', 'There is no such tenant.');
  }
  const { rows: counted } = await tx.query<{ n: string }>(
    'select count(*) as n from alert_thresholds where tenant_id is not distinct from $1',
    [tenant],
  );
  if (Number(counted[0]?.n) >= MAX_THRESHOLDS) {
    throw new AppError('conflict', `There are ${MAX_THRESHOLDS} thresholds already: remove one first.`);
  }
  // Milliseconds, as they are read: a page goes on after a position that was read.
  const { rows } = await tx.query<ThresholdRow>(
    `insert into alert_thresholds (tenant_id, name, scope, subject, period, amount_usd, severity, enabled, created_by,
       created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, date_trunc('milliseconds', now())) returning ${COLUMNS}`,
    [tenant, ...valuesOf(terms), actor],
  );
  const made = first(rows);
  if (made === null) throw new Error('an insert without a condition answers its row');
  await note(tx, 'threshold.create', made, actor);
  return made;
}

interface Target {
  readonly reach: ThresholdReach;
  readonly id: string;
  readonly actor: string;
}

async function replace(
  tx: Tx,
  { reach, id, actor }: Target,
  terms: ThresholdTerms,
): Promise<Threshold | null> {
  if (!UUID.test(id)) return null;
  const { rows } = await tx.query<ThresholdRow>(
    `update alert_thresholds set name = $3, scope = $4, subject = $5, period = $6, amount_usd = $7, severity = $8,
       enabled = $9, updated_at = now() where ${REACH} returning ${COLUMNS}`,
    [reach, id, ...valuesOf(terms)],
  );
  const changed = first(rows);
  if (changed !== null) await note(tx, 'threshold.replace', changed, actor);
  return changed;
}

async function remove(tx: Tx, { reach, id, actor }: Target): Promise<Threshold | null> {
  if (!UUID.test(id)) return null;
  const { rows } = await tx.query<ThresholdRow>(
    `delete from alert_thresholds where ${REACH} returning ${COLUMNS}`,
    [reach, id],
  );
  const removed = first(rows);
  if (removed !== null) await note(tx, 'threshold.remove', removed, actor);
  return removed;
}

const valuesOf = ({ name, scope, subject, period, amountPicos, severity, enabled }: ThresholdTerms) => [
  name,
  scope,
  subject,
  period,
  printUsd(amountPicos),
  severity,
  enabled,
];

function note(tx: Tx, action: string, threshold: Threshold, actor: string): Promise<void> {
  const { id, scope, subject, period, amountPicos, severity, enabled } = threshold;
  const details = {
    threshold: id,
    scope,
    subject,
    period,
    amount_usd: printUsd(amountPicos),
    severity,
    enabled,
  };
  return audit(tx, { actor, action, tenantId: threshold.tenant, details });
}

function toThreshold(row: ThresholdRow): Threshold {
  return {
    tenant: row.tenant_id,
    id: row.id,
    name: row.name,
    scope: row.scope,
    subject: row.subject,
    period: row.period,
    amountPicos: parseUsd(row.amount_usd),
    severity: row.severity,
    enabled: row.enabled,
    createdBy: row.created_by,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
