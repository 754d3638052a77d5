/** What a second event under a known id means. */
import type { UsageSource } from '@farthing/pricing';

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
 * The same content again is a duplicate. A reported usage supersedes one that was cut short, estimated or missing.
 * Anything else is a conflict: an id names one call, and what was reported stands.
 */
export function judge(stored: Version, incoming: Version): 'duplicate' | 'superseded' | 'conflict' {
  if (stored.contentHash === incoming.contentHash || stored.contentHash === ERASED_HASH) return 'duplicate';
  return stored.source !== 'reported' && incoming.source === 'reported' ? 'superseded' : 'conflict';
}

export const CONFLICT_MESSAGE =
  'This id already stands for other content. Send each call under an id of its own; a retry must repeat the event unchanged.';
