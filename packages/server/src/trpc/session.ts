/** The signed-in user and their permissions. */
import type { Role } from '@farthing/contract';
import manifest from '../../package.json' with { type: 'json' };
import { withScope } from '../costs/with-scope.ts';
import { readableTenant } from '../http/callers/access.ts';
import type { User } from '../tenants/users/user.ts';
import { procedure, router } from './trpc.ts';

/** A tenant as the picker shows it. */
export interface TenantChoice {
  readonly id: string;
  readonly name: string;
  readonly timezone: string;
}

/** The account behind a session. */
export interface SessionPerson {
  readonly email: string;
  readonly name: string | null;
  /** Tenants they may switch to with `POST /api/session/tenant`; null is every tenant, for an administrator. */
  readonly homes: readonly (string | null)[];
}

export interface SessionInfo {
  readonly role: Role;
  /** Null for keys, and for sessions that a one-time link of the server's machine opened. */
  readonly person: SessionPerson | null;
  /** The tenant of a tenant's key; null for an administrator, who may choose. */
  readonly tenant: string | null;
  /** The tenants the picker offers. */
  readonly tenants: readonly TenantChoice[];
  /** Zone to start with: the tenants' reporting zone, UTC where they have several. */
  readonly timezone: string;
  /** The operator's words for the top of every page. */
  readonly notice: string | null;
  readonly product: { readonly name: 'Farthing'; readonly version: string };
}

export const sessionRouter = router({
  me: procedure.query(async ({ ctx }): Promise<SessionInfo> => {
    const { identity, services } = ctx;
    const user = identity.userId === null ? null : await services.users.get(identity.userId, null);
    return withScope(services.db, readableTenant(identity, undefined), async (scope) => ({
      role: identity.role,
      person: user === null ? null : personOf(user),
      tenant: identity.tenantId,
      tenants: scope.tenants,
      timezone: scope.timezone,
      notice: services.notice,
      product: { name: 'Farthing', version: manifest.version },
    }));
  }),
});

function personOf({ email, name, isAdmin, memberships }: User): SessionPerson {
  const entered = memberships.filter(
    ({ acceptedAt, disabledAt }) => acceptedAt !== null && disabledAt === null,
  );
  const homes = entered.map(({ tenantId }) => tenantId);
  return { email, name, homes: isAdmin ? [null, ...homes] : homes };
}
