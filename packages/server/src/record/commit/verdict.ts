/** Judges a second event with a known id. */
import type { UsageSource } from '@farthing/pricing';
import { KEPT_HASH_BYTES } from '../../ledger/writing/event-id-store.ts';

const KEPT_HEX = 2 * KEPT_HASH_BYTES;

/** One content under an id. */
export interface Version {
  readonly contentHash: string;
  readonly source: UsageSource | string;
}

/**
 * Replaces the content hash of an event whose personal data was erased: the real hash could still identify the person.
 * Any event with such an id is a duplicate, so that erased data never comes back.
 */
export const ERASED_HASH = '0'.repeat(64);

/**
 * The same content again is a duplicate. A reported usage supersedes one that was cut short, estimated or missing. If
 * the report came first, such an event is a duplicate. So the report of a call is kept, in whichever order it and its
 * estimate arrive. Anything else is a conflict: an id names one call.
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
