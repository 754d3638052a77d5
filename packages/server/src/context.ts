/** The composition root: everything the server is made of, built once, handed to routes as one value. */
import type { Config } from './config.ts';
import type { Database } from './db/database.ts';
import type { StreamHub } from './http/sse.ts';
import type { Log } from './log.ts';
import type { PriceBooks } from './price-book/installed-book.ts';
import type { Feed } from './record/feed.ts';
import type { Recorder } from './record/recorder.ts';
import type { Authenticator } from './tenants/authenticate.ts';
import type { TenantStore } from './tenants/store.ts';

export interface AppContext {
  readonly config: Config;
  readonly log: Log;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly db: Database;
  readonly tenants: TenantStore;
  readonly authenticator: Authenticator;
  readonly books: PriceBooks;
  readonly recorder: Recorder;
  readonly feed: Feed;
  readonly streams: StreamHub;
  /** True once a stop began: `/readyz` says so and new work is refused. */
  isDraining(): boolean;
}
