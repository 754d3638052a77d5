/** Sessions of reporting logins: found and ended where they are past their bounds or in the way of the server's work. */
import type { Tx } from '../tx.ts';

/** Conditions on sessions to end. A session that meets any given one is ended. */
export interface InTheWay {
  /** Of these logins only; of all where absent. */
  readonly logins?: readonly string[];
  /** In one transaction (one statement, or idle inside of one) for longer than this, milliseconds. */
  readonly transactionMs?: number;
  /** Without a transaction and without a word for longer than this, milliseconds. */
  readonly idleMs?: number;
  /** In a transaction while this part of the queue of notices is full, 0 to 1: they may be what keeps it full. */
  readonly noticeQueue?: number;
  /** In a transaction that holds a lock on one of these tables. */
  readonly tables?: readonly string[];
}

/** A session that was ended. */
export interface EndedSession {
  readonly login: string;
  readonly pid: number;
  /** How long its transaction, or its silence, had lasted; whole seconds. */
  readonly seconds: number;
}

const MS = "* interval '1 millisecond'";

/**
 * Ends sessions of the logins in `reporting_logins`, in whichever database of the cluster they are. As operator, which
 * is a member of these logins: besides a superuser, PostgreSQL lets only members see or end their sessions. Logins that
 * the operator is not yet a member of are skipped.
 *
 * @example const ended = await db.asOperator((tx) => endReportingSessions(tx, { transactionMs: 120_000 }));
 */
export async function endReportingSessions(tx: Tx, which: InTheWay): Promise<readonly EndedSession[]> {
  const { logins = null, transactionMs = null, idleMs = null, noticeQueue = null, tables = null } = which;
  const { rows } = await tx.query<EndedSession & { readonly ended: boolean }>(
    `select a.usename::text as login, a.pid,
            extract(epoch from clock_timestamp() - coalesce(a.xact_start, a.state_change))::int as seconds,
            pg_terminate_backend(a.pid) as ended
       from reporting_logins l join pg_stat_activity a on a.usename = l.login
      where pg_has_role(a.usesysid, 'usage') and ($5::text[] is null or l.login = any ($5))
        and (a.xact_start < clock_timestamp() - $1::float8 ${MS}
             or (a.xact_start is null and a.state_change < clock_timestamp() - $2::float8 ${MS})
             or (a.xact_start is not null and pg_notification_queue_usage() > $3::float8)
             or (a.xact_start is not null
                 and exists (select from pg_locks k where k.pid = a.pid and k.granted and k.locktype = 'relation'
                               and k.relation = any (array(select to_regclass(name)::oid from unnest($4::text[]) name)))))`,
    [transactionMs, idleMs, noticeQueue, tables, logins],
  );
  return rows.filter(({ ended }) => ended).map(({ login, pid, seconds }) => ({ login, pid, seconds }));
}
