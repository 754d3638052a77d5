/**
 * Day rows are cut by the database's time-zone data, charts by the platform's. Where a government has just moved its
 * clocks the two can be of different versions. The database's word counts. Readers ask once per zone, about the days
 * that charts show ({@link agreeOnDays}); writers hear of it when they place a quarter hour on another day than the
 * database does ({@link correctDays}). What either learns holds for both.
 */
import type { Tx } from '../db/database.ts';
import { differentDays, offsetsAround } from './read-database-clock.ts';
import { type EpochDay, hasAgreed, learnOffsets, localDay, markAgreed } from './zone-clock.ts';

/** Versions differ about the recent past and the near future. */
const DAYS_BACK = 800;
const DAYS_AHEAD = 32;

/** Asks about zones that nobody has asked about yet; some 20 ms for each. */
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
