/** Acknowledged events that the ledger cannot hold: into quarantine, and into a file what even that cannot take. */

import type { UsageEvent } from '../../ledger/usage-event.ts';
import { fitsQuarantine } from '../../ledger/writing/quarantine-store.ts';
import type { Committer } from '../commit/committer.ts';
import { storeFault } from '../commit/store-faults.ts';
import type { Spool } from '../spool/spool.ts';

export interface AsideOptions {
  readonly committer: Pick<Committer, 'quarantine' | 'answers'>;
  readonly spool: Pick<Spool, 'setAside'>;
}

/**
 * Stores the event with its reason. A large one is quarantined as an excerpt and stored whole in `set-aside.ndjson`;
 * the latter also holds events that the quarantine refuses. Rejects while the database is away.
 */
export async function keepAside(
  { committer, spool }: AsideOptions,
  event: UsageEvent,
  reason: string,
): Promise<void> {
  if (!fitsQuarantine(event)) await setAside(spool, event, reason);
  try {
    await committer.quarantine(event, reason);
  } catch (error) {
    const fault = storeFault(error);
    if (fault !== 'data' && !(fault === 'doubt' && (await committer.answers()))) throw error;
    if (fitsQuarantine(event)) await setAside(spool, event, reason);
  }
}

/** Content nested too deeply to be printed is dropped; the attribution is kept. */
async function setAside(spool: AsideOptions['spool'], event: UsageEvent, reason: string): Promise<void> {
  try {
    await spool.setAside(event, reason);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    await spool.setAside({ ...event, rawUsage: null, metadata: null }, reason);
  }
}
