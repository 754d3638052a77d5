/** The audit log's chain of hashes: proves that no entry was changed, taken out or slipped in since it was written. */
import type { Database, Tx } from '../../db/database.ts';
import type { Job } from '../../jobs/job.ts';

/** Result of the proof. */
export interface AuditChainState {
  readonly entries: number;
  /** The hash of the newest entry, hex: an operator who noted it elsewhere can detect a rebuilt chain. */
  readonly head: string;
  /** The first entries at fault, at most ten; none: all is as it was written. */
  readonly faults: readonly AuditChainFault[];
}

export interface AuditChainFault {
  /**
   * `changed`: an entry or what it follows is another than when it was written; `missing`: it was taken out; `added`: it
   * was slipped in; `gap`: a link is gone; `cut`: the end is not where it was.
   */
  readonly kind: 'changed' | 'missing' | 'added' | 'gap' | 'cut';
  /** The entry's id; null if only the chain refers to it. */
  readonly auditId: string | null;
}

const PROOF = `
  with linked as (
    select position, audit_id, hash, row_number() over (order by position) as place,
           coalesce(lag(hash) over (order by position), '') as previous
      from audit_chain),
  faults as (
    select 'gap' as kind, audit_id from linked where position <> place
    union all
    select 'missing', l.audit_id from linked l where not exists (select from audit_log a where a.id = l.audit_id)
    union all
    select 'changed', a.id from linked l join audit_log a on a.id = l.audit_id where audit_hash(l.previous, a) <> l.hash
    union all
    select 'added', a.id from audit_log a where not exists (select from audit_chain c where c.audit_id = a.id)
    union all
    select 'cut', null from audit_head h
     where (h.position, h.hash) <> (select coalesce(max(position), 0), coalesce((array_agg(hash order by position desc))[1], '')
                                      from audit_chain))
  select h.position as entries, encode(h.hash, 'hex') as head,
         coalesce((select json_agg(f) from (select kind, audit_id::text from faults order by audit_id limit 10) f), '[]') as faults
    from audit_head h`;

/** Proves the whole chain in one snapshot; some seconds for a million entries. */
export async function proveAuditChain(tx: Tx): Promise<AuditChainState> {
  const { rows } = await tx.query<{
    readonly entries: string;
    readonly head: string;
    readonly faults: readonly { readonly kind: AuditChainFault['kind']; readonly audit_id: string | null }[];
  }>(PROOF);
  const [row] = rows;
  if (row === undefined) return { entries: 0, head: '', faults: [{ kind: 'cut', auditId: null }] };
  return {
    entries: Number(row.entries),
    head: row.head,
    faults: row.faults.map(({ kind, audit_id: auditId }) => ({ kind, auditId })),
  };
}

/** The fault in words. */
export function auditFaultText(faults: readonly AuditChainFault[]): string {
  const told = faults.map(({ kind, auditId }) => (auditId === null ? kind : `entry ${auditId} ${kind}`));
  return `The audit log is not as it was written: ${told.join(', ')}. Somebody with the owner's rights changed it; compare with a backup.`;
}

/** Proves it every day. The result is in the log too: a head noted there exposes a rebuilt chain. */
export function auditChainJob(db: Pick<Database, 'asOperator'>): Job {
  return {
    name: 'audit',
    about: 'Proves that the audit log is as it was written.',
    schedule: '41 3 * * *',
    atStart: true,
    deadlineMs: 60_000,
    async run() {
      const { entries, head, faults } = await db.asOperator(proveAuditChain);
      if (faults.length > 0) throw new Error(auditFaultText(faults));
      return { entries, head };
    },
  };
}
