/** What the procedures work with: a part of the composition root. */
import type { Alerts } from '../alerts/alerts.ts';
import type { AgentRegistry } from '../budgets/agent-registry.ts';
import type { Database } from '../db/database.ts';
import type { PriceBooks } from '../price-book/installed-book.ts';
import type { UserStore } from '../tenants/users/user-store.ts';

export interface DashboardServices {
  readonly db: Database;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Limits and pauses of agents. */
  readonly agents: AgentRegistry;
  /** Monthly limit of agents that have none of their own. */
  readonly defaultLimitPicos: bigint;
  readonly alerts: Alerts;
  readonly books: PriceBooks;
  /** Who is behind a session. */
  readonly users: Pick<UserStore, 'get'>;
  /** The operator's words for the top of every page; null = none. */
  readonly notice: string | null;
}
