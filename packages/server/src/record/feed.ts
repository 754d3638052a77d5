/** The feed: who wants to know that events were committed, by this process or another, hears it here. */
import type { Database } from '../db/database.ts';

/** One committed event, enough to fetch it. */
export interface FeedItem {
  readonly tenant: string;
  readonly id: string;
  /** Unix milliseconds. */
  readonly time: number;
}

export interface FeedMessage {
  readonly items: readonly FeedItem[];
  /** True when more were committed than are listed (or the connection was lost meanwhile): read the newest from the ledger. */
  readonly overflow: boolean;
}

export interface Feed {
  /** `tenant` null hears every tenant. Returns the function that ends the subscription. */
  subscribe(tenant: string | null, onEvents: (message: FeedMessage) => void): () => void;
  close(): Promise<void>;
}

/** Listens to the database's notifications; the one mechanism for own and other processes' commits. */
export declare function createFeed(db: Database): Promise<Feed>;
