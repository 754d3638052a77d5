/** One tenant's UTC day as groups of equal charge lines. */
import type { ServiceTier, Speed } from '@farthing/pricing';

/** Further columns that lines may be grouped by. */
export const LINE_SPLITS = ['user', 'workflow'] as const;
export type LineSplit = (typeof LINE_SPLITS)[number];

/** Lines that differ in nothing but their quantity and amount. Quantities and money are decimal text. */
export interface LineGroup {
  readonly provider: string;
  readonly model: string;
  readonly operation: string;
  readonly tier: ServiceTier;
  readonly speed: Speed | null;
  readonly region: string | null;
  readonly project: string | null;
  readonly environment: string | null;
  readonly agent: string | null;
  readonly user: string | null;
  readonly workflow: string | null;
  readonly tags: { readonly [key: string]: string } | null;
  /** A meter's name, or `reported_difference`. */
  readonly meter: string;
  /** Decimal USD per `per` units; null if the line has no price. */
  readonly rate: string | null;
  readonly per: string | null;
  readonly card_id: string | null;
  /** The threshold that chose the rate. */
  readonly step: string | null;
  /** The model the line was priced as. */
  readonly priced_model: string;
  /** The quantity of each single line, where its price depends on it; else null. */
  readonly each_billed: string | null;
  readonly lines: number;
  readonly quantity: string;
  /** The quantity after minimums and increments. */
  readonly billed: string;
  readonly amount: string;
  readonly first_time: Date;
  /** Least context tokens of the lines; null where no event says. */
  readonly context_tokens: string | null;
}

/** A day, and how it is cut. */
export interface DayQuery {
  readonly tenant: string;
  /** First instant of the day, Unix milliseconds, UTC. */
  readonly day: number;
  readonly split: readonly LineSplit[];
  /** Context tokens at which any list price changes: lines on different sides are not summed. Empty: none. */
  readonly thresholds: readonly number[];
  /** Cards with prices that depend on a line's own quantity. */
  readonly marginalCards: readonly string[];
  /** Number of this part and of all parts of the day's groups: a large day is read in several parts. */
  readonly part: number;
  readonly parts: number;
}

/** Facts about a tenant's days before they are read. */
export interface DayCount {
  readonly tenant: string;
  /** Unix milliseconds, UTC. */
  readonly day: number;
  readonly requests: number;
  readonly unpriced: number;
}
