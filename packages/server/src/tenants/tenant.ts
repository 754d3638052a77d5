/** Tenants: the paying organisations every row belongs to. */

/** The tenant that exists from the first start; events of an admin key belong to it unless they name another. */
export const DEFAULT_TENANT = 'default';

export interface Tenant {
  readonly id: string;
  /** Name for people. */
  readonly name: string;
  /** IANA zone in which the tenant's days are cut; day rollups are kept in it. */
  readonly timeZone: string;
  readonly createdAt: Date;
}
