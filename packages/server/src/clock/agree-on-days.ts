/**
 * Day rows are cut by the database's time-zone data, charts by the platform's. After a recent change of a zone's rules
 * the two can be of different versions. Then the database is right. Readers ask once per zone, about the days that
 * charts show ({@link agreeOnDays}); writers notice a difference when the database places a quarter hour on another day
 * ({@link correctDays}). A correction found by one holds for both.
 */
import type { Tx } from '../db/database.ts';
import { differentDays, offsetsAround } from './read-database-clock.ts';
import { type EpochDay, hasAgreed, learnOffsets, localDay, markAgreed } from './zone-clock.ts';

/** Versions differ about the recent past and the near future. */
const DAYS_BACK = 800;
const DAYS_AHEAD = 32;

/** Asks about zones that were not asked about before; some 20 ms for each. */
export async function agreeOnDays(tx: Tx, zones: Iterable<string>, now: number = Date.now()): Promise<void> {
  for (const zone of zones) {
    if (hasAgreed(zone)) continue;
    const today = localDay(now, zone);
    const days = Array.from({ length: DAYS_BACK + DAYS_AHEAD }, (_, index) => today - DAYS_BACK + index);
    const different = await differentDays(tx, zone, days);
    if (different.length > 0) await correctDays(tx, zone, different);
    markAgreed(zone);
  }
}

/** Takes the database's word on a zone's clock around some days. */
export async function correctDays(tx: Tx, zone: string, days: readonly EpochDay[]): Promise<void> {
  learnOffsets(zone, await offsetsAround(tx, zone, days));
}
