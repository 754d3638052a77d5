/** Rows of `users` with their memberships as the code sees them. */
import type { MemberRole } from '@farthing/contract';
import type { Tx } from '../../db/database.ts';
import type { User } from './user.ts';

interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly name: string | null;
  readonly is_admin: boolean;
  readonly created_at: Date;
  readonly disabled_at: Date | null;
  readonly last_seen_at: Date | null;
  readonly memberships: readonly {
    readonly tenant_id: string;
    readonly role: MemberRole;
    readonly created_at: string;
    readonly accepted_at: string | null;
    readonly disabled_at: string | null;
  }[];
}

/** Filter of users: all or one, of every tenant or as one tenant sees them. */
export interface UserFilter {
  readonly id?: string | undefined;
  readonly email?: string | undefined;
  /** Null: every user with everything about them. */
  readonly tenantId: string | null;
}

/** Users by address. */
export async function readUsers(tx: Tx, { id, email, tenantId }: UserFilter): Promise<User[]> {
  const { rows } = await tx.query<UserRow>(
    `select u.id, u.email, u.name, $3::text is null and u.is_admin as is_admin, u.created_at,
            case when $3::text is null then u.disabled_at end as disabled_at,
            (select max(s.last_seen_at) from sessions s
              where s.user_id = u.id and ($3::text is null or s.tenant_id = $3)) as last_seen_at,
            coalesce((select json_agg(json_build_object('tenant_id', m.tenant_id, 'role', m.role,
                        'created_at', m.created_at, 'accepted_at', m.accepted_at, 'disabled_at', m.disabled_at)
                        order by m.tenant_id)
                       from memberships m where m.user_id = u.id and ($3::text is null or m.tenant_id = $3)), '[]') as memberships
       from users u
      where ($1::uuid is null or u.id = $1) and ($2::text is null or u.email = $2)
        and ($3::text is null or exists (select from memberships m where m.user_id = u.id and m.tenant_id = $3))
      order by u.email`,
    [id ?? null, email ?? null, tenantId],
  );
  return rows.map(toUser);
}

const toUser = (row: UserRow): User => ({
  id: row.id,
  email: row.email,
  name: row.name,
  isAdmin: row.is_admin,
  createdAt: row.created_at,
  disabledAt: row.disabled_at,
  lastSeenAt: row.last_seen_at,
  memberships: row.memberships.map((one) => ({
    tenantId: one.tenant_id,
    role: one.role,
    createdAt: new Date(one.created_at),
    acceptedAt: dateOf(one.accepted_at),
    disabledAt: dateOf(one.disabled_at),
  })),
});

const dateOf = (text: string | null): Date | null => (text === null ? null : new Date(text));
