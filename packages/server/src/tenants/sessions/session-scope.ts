import type { MemberRole } from '@farthing/contract';

/** Whose view of the ledger a link opens: everything, or one tenant's. */
export type SessionScope =
  | { readonly role: 'admin' }
  | { readonly role: MemberRole; readonly tenantId: string };
