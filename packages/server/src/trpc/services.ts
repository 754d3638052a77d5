/** What the procedures work with: a part of the composition root. */
import type { Database } from '../db/database.ts';

export interface DashboardServices {
  readonly db: Database;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** The operator's words for the top of every page; null = none. */
  readonly notice: string | null;
}
