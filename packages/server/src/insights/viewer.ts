/** Who looks, and which tenants they may see. The one place that decides a query's tenant. */

/** An administrator sees every tenant, a tenant's key or session its own. */
export type Viewer =
  | { readonly role: 'admin'; readonly name: string }
  | { readonly role: 'tenant'; readonly name: string; readonly tenant: string };

/** The tenant a viewer may not look at; the answer is 403 whether it exists or not. */
export class TenantNotAllowedError extends Error {
  override readonly name = 'TenantNotAllowedError';
  constructor() {
    super('This key belongs to another tenant: leave the parameter tenant out.');
  }
}

/** The tenant to query: the viewer's own, the one an administrator named, or null for all of them. */
export function visibleTenant(viewer: Viewer, asked: string | undefined): string | null {
  if (viewer.role === 'admin') return asked ?? null;
  if (asked !== undefined && asked !== viewer.tenant) throw new TenantNotAllowedError();
  return viewer.tenant;
}
