/** Reading the audit log: newest first, a page at a time, one tenant's or everything. */
import { AppError } from '@farthing/contract';
import type { Database } from '../../db/database.ts';

export interface AuditRecord {
  /** Grows with time; as text, since it may pass what a number holds. */
  readonly id: string;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly tenantId: string | null;
  readonly details: { readonly [name: string]: unknown };
}

/** Filters of the audit log; an entry must match all of them. */
export interface AuditFilter {
  /** Null: every tenant's, and those of the instance. */
  readonly tenantId: string | null;
  /** An actor (`user:<id>`), or a kind of them (`cli`). */
  readonly actor?: string | undefined;
  /** An action (`key.revoke`), or a noun and what follows it (`key`). */
  readonly action?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export interface AuditPage {
  readonly records: readonly AuditRecord[];
  /** Give it back for the next page; null on the last. */
  readonly nextCursor: string | null;
}

/**
 * A page of the audit log. One tenant's is read under that tenant's row-level security.
 *
 * @throws AppError `invalid_parameter` for a cursor that is none
 */
export async function readAuditLog(db: Database, filter: AuditFilter): Promise<AuditPage> {
  const { tenantId, actor, action, from, to, cursor, limit } = filter;
  if (cursor !== undefined && !/^[1-9]\d{0,17}$/.test(cursor)) {
    throw new AppError('invalid_parameter', 'cursor: is not one that this route answered.');
  }
  const values = [
    tenantId,
    actor ?? null,
    action ?? null,
    from ?? null,
    to ?? null,
    cursor ?? null,
    limit + 1,
  ];
  const { rows } = await db.asReader(tenantId, (tx) => tx.query<Row>(SQL, values));
  const records = rows.slice(0, limit).map(toRecord);
  return { records, nextCursor: rows.length > limit ? (records.at(-1)?.id ?? null) : null };
}

const SQL = `
  select id, at, actor, action, tenant_id, details from audit_log
   where ($1::text is null or tenant_id = $1) and ($2::text is null or actor = $2 or starts_with(actor, $2 || ':'))
     and ($3::text is null or action = $3 or starts_with(action, $3 || '.'))
     and ($4::timestamptz is null or at >= $4) and ($5::timestamptz is null or at < $5)
     and ($6::bigint is null or id < $6)
   order by id desc limit $7`;

interface Row {
  readonly id: string;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly tenant_id: string | null;
  readonly details: { readonly [name: string]: unknown };
}

const toRecord = ({ tenant_id: tenantId, ...rest }: Row): AuditRecord => ({ ...rest, tenantId });
