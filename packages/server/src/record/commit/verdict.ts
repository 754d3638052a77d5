/** What a second event under a known id means. */
import type { UsageSource } from '@farthing/pricing';
import { KEPT_HASH_BYTES } from '../../ledger/writing/event-id-store.ts';

const KEPT_HEX = 2 * KEPT_HASH_BYTES;

/** One content under an id. */
export interface Version {
  readonly contentHash: string;
  readonly source: UsageSource | string;
}

/**
 * Stands for the content of an event whose personal data was erased: a hash of it would still tell who it was. Whatever
 * comes under such an id is a duplicate, so that nothing brings back what was erased.
 */
export const ERASED_HASH = '0'.repeat(64);

/**
 * The same content again is a duplicate. A reported usage supersedes one that was cut short, estimated or missing, and
 * where it came first, such a one adds nothing and counts as a duplicate: in whichever order a call's report and its
 * estimate arrive, the report stands. Anything else is a conflict: an id names one call.
 */
export function judge(stored: Version, incoming: Version): 'duplicate' | 'superseded' | 'conflict' {
  if (isSame(stored, incoming) || stored.contentHash === ERASED_HASH) return 'duplicate';
  const reported = { stored: stored.source === 'reported', incoming: incoming.source === 'reported' };
  if (reported.stored === reported.incoming) return 'conflict';
  return reported.incoming ? 'superseded' : 'duplicate';
}

/** The ledger keeps the beginning of a hash. */
function isSame(stored: Version, incoming: Version): boolean {
  return stored.contentHash.slice(0, KEPT_HEX) === incoming.contentHash.slice(0, KEPT_HEX);
}

export const CONFLICT_MESSAGE =
  'This id already stands for other content. Send each call under an id of its own; a retry must repeat the event unchanged.';
