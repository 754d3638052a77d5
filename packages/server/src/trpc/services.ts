/** Services of the procedures: a part of the composition root. */
import type { Database } from '../db/database.ts';
import type { UserStore } from '../tenants/users/user-store.ts';

export interface DashboardServices {
  readonly db: Database;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** The user of a session. */
  readonly users: Pick<UserStore, 'get'>;
  /** The operator's words for the top of every page; null = none. */
  readonly notice: string | null;
}
