/**
 * Failed attempts to sign in, for the audit log. An attacker controls how many there are, so few rows are written: one
 * for the first attempt, then one for all further attempts of the same kind within a quarter of an hour.
 */
import type { Database } from '../../db/database.ts';
import { type AuditEntry, audit } from '../audit/write-audit.ts';
import { addressGroup } from './throttle.ts';

/** Why an attempt failed; `shut`: the password was right. */
export type SignInFailure = 'password' | 'link' | 'shut' | 'no_tenant' | 'too_many';

export interface FailedSignIn {
  readonly reason: SignInFailure;
  /** Null: no account has the typed address. It may be a password typed into the wrong field, so it is not stored. */
  readonly user: { readonly id: string; readonly email: string } | null;
  /** The tenant that it would have led to; null: all of them, or none. */
  readonly tenantId: string | null;
  /** The client's. */
  readonly address: string;
}

/** Writes failed attempts down, each kind counted for itself in this process. */
export interface FailedSignIns {
  /** Notes an attempt. The answer does not wait for the row to be written, so its timing reveals nothing. */
  note(failure: FailedSignIn): void;
  /** Writes the counts of what is over; with `all` of everything, for the end. */
  flush(which?: 'over' | 'all'): Promise<void>;
}

/** Attempts of one kind are counted together for this long. */
export const WINDOW_MS = 15 * 60_000;
/** Most kinds at a time, separately for known and unknown users; further attempts are counted only by their reason. */
export const MOST_KINDS = 50;

/** The common key of the attempts that one row reports. */
interface Kind {
  readonly name: string;
  readonly known: boolean;
  readonly reason: SignInFailure;
  readonly userId: string | null;
  readonly email: string;
  readonly address: string;
  readonly tenantId: string | null;
}

interface Counted {
  readonly kind: Kind;
  /** By a clock that only goes forward. */
  readonly begun: number;
  /** Unix milliseconds. */
  readonly since: number;
  last: number;
  /** Attempts that no row tells of yet. */
  untold: number;
}

/**
 * Makes the notes of this process. `now`: Unix milliseconds, for the row. `elapsed`: milliseconds of a clock that only goes
 * forward, for how long a row is counted on.
 */
export function createFailedSignIns(parts: {
  readonly db: Pick<Database, 'asOperator'>;
  readonly now: () => number;
  readonly elapsed?: () => number;
}): FailedSignIns {
  const { db, now, elapsed = () => performance.now() } = parts;
  const counted = new Map<string, Counted>();
  /** One row after another: a flood never takes more than one connection. */
  let writing: Promise<void> = Promise.resolve();

  const write = (one: Counted): void => {
    const attempts = one.untold;
    const entry = entryOf(one);
    one.untold = 0;
    writing = writing
      .then(() => db.asOperator((tx) => audit(tx, entry)))
      .catch(() => {
        // Reported with the next row of its kind.
        one.untold += attempts;
      });
  };
  const isOver = ({ begun }: Counted): boolean => elapsed() - begun >= WINDOW_MS;
  const hasRoom = ({ name, known }: Kind): boolean =>
    counted.has(name) || [...counted.values()].filter(({ kind }) => kind.known === known).length < MOST_KINDS;

  return {
    note(failure) {
      const own = kindOf(failure);
      const kind = hasRoom(own) ? own : restOf(own);
      const present = counted.get(kind.name);
      if (present !== undefined && !isOver(present)) {
        present.untold += 1;
        present.last = now();
        return;
      }
      if (present !== undefined && present.untold > 0) write(present);
      const first = { kind, begun: elapsed(), since: now(), last: now(), untold: 1 };
      counted.set(kind.name, first);
      write(first);
    },
    async flush(which = 'over') {
      for (const [name, one] of counted) {
        if (which === 'over' && !isOver(one)) continue;
        if (one.untold > 0) write(one);
        counted.delete(name);
      }
      await writing;
    },
  };
}

function kindOf({ reason, user, tenantId, address }: FailedSignIn): Kind {
  const group = addressGroup(address);
  const userId = user?.id ?? null;
  return {
    name: JSON.stringify([reason, userId, tenantId, group]),
    known: user !== null,
    reason,
    userId,
    email: user?.email ?? 'unknown',
    address: group.includes(':') ? `${group}::/64` : group,
    tenantId,
  };
}

const restOf = ({ known, reason }: Kind): Kind => ({
  name: JSON.stringify([reason, known]),
  known,
  reason,
  userId: null,
  email: known ? 'several' : 'unknown',
  address: 'several',
  tenantId: null,
});

function entryOf({ kind, since, last, untold }: Counted): AuditEntry {
  const { reason, email, userId, address, tenantId } = kind;
  const from = new Date(since).toISOString();
  const details = {
    reason,
    email,
    user_id: userId,
    address,
    attempts: untold,
    from,
    to: new Date(last).toISOString(),
  };
  return { actor: 'anonymous', action: 'session.refuse', tenantId, details };
}
