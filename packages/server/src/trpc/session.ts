/** Who is signed in and what they may see. */
import type { Role } from '@farthing/contract';
import manifest from '../../package.json' with { type: 'json' };
import { readableTenant } from '../http/access.ts';
import { withScope } from '../insights/scope.ts';
import { procedure, router } from './trpc.ts';

/** A tenant as the picker shows it. */
export interface TenantChoice {
  readonly id: string;
  readonly name: string;
  readonly timezone: string;
}

export interface SessionInfo {
  readonly role: Role;
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
  me: procedure.query(({ ctx }): Promise<SessionInfo> => {
    const { identity, services } = ctx;
    return withScope(services.db, readableTenant(identity, undefined), async (scope) => ({
      role: identity.role,
      tenant: identity.tenantId,
      tenants: scope.tenants,
      timezone: scope.timezone,
      notice: services.notice,
      product: { name: 'Farthing', version: manifest.version },
    }));
  }),
});
