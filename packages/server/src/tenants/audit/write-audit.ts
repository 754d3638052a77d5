/** The audit log: who changed what, written in the transaction of the change. */
import type { Tx } from '../../db/database.ts';

export interface AuditEntry {
  /** `key:<id>` for an API caller, `cli:<name>` for who runs the command line, `start`. */
  readonly actor: string;
  /** `<noun>.<verb>`: `key.revoke`. */
  readonly action: string;
  readonly tenantId: string | null;
  /** Particulars; never a secret. */
  readonly details: { readonly [name: string]: string | number | boolean | null };
}

/** Appends an entry. */
export async function audit(tx: Tx, entry: AuditEntry): Promise<void> {
  await tx.query('insert into audit_log (actor, action, tenant_id, details) values ($1, $2, $3, $4)', [
    entry.actor,
    entry.action,
    entry.tenantId,
    JSON.stringify(entry.details),
  ]);
}
