/**
 * The dimensions that sums are kept by: `all`, one per kind of attribution, and `tag.<key>` for every tag key met. An
 * event stands in a dimension only where it has a value there; how much has none is the difference to `all`.
 */
import type { LedgerFacts } from '../ledger/rated-event.ts';

/** Every event stands here, with the value `''`. */
export const BASE_DIMENSION = 'all';

export interface RollupDimension {
  /** As in the `dimension` column. */
  readonly name: string;
  /** The event's value, null or `''` where it has none. */
  readonly value: (facts: LedgerFacts) => string | null;
  /** The same of a row of `usage_events`, as SQL of type text. */
  readonly sql: string;
}

/** One further dimension per kind of attribution. A new one is one more row of this table. */
export const ATTRIBUTED_DIMENSIONS: readonly RollupDimension[] = [
  { name: 'project', value: (facts) => facts.project, sql: 'project' },
  { name: 'environment', value: (facts) => facts.environment, sql: 'environment' },
  { name: 'agent', value: (facts) => facts.agent, sql: 'agent' },
  { name: 'api_key', value: (facts) => facts.apiKeyId, sql: 'api_key_id::text' },
  { name: 'user', value: (facts) => facts.user, sql: 'user_id' },
  { name: 'workflow', value: (facts) => facts.workflow, sql: 'workflow' },
];

/** The dimension of a tag key. */
export const tagDimension = (key: string): string => `tag.${key}`;
