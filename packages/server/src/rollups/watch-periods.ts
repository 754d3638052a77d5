/** The stretches of time that the watch checks: the last days of every tenant, and random earlier days. */

import { localDay, midnight } from '../clock/zone-clock.ts';
import type { Tx } from '../db/database.ts';
import { readWatermarks, type Watermark } from '../tenants/read-watermarks.ts';
import type { RebuildPiece } from './compare.ts';
import { readFirstDays } from './watch-store.ts';

/** A local day of one tenant, and whether its events are still there. */
export interface WatchedDay extends RebuildPiece {
  readonly events: boolean;
}

/** Local days that the last 48 hours can touch. */
const RECENT_DAYS = 3;

/** The last days of every tenant, tenants in random order: if time runs out, different ones are missed next time. */
export async function recentPeriods(tx: Tx, now: number): Promise<readonly WatchedDay[]> {
  const tenants = shuffled(await readWatermarks(tx));
  return tenants.flatMap((tenant) => {
    const today = localDay(now, tenant.timeZone);
    return Array.from({ length: RECENT_DAYS }, (_, back) => periodOf(tenant, today - back));
  });
}

/** Up to `most` days before those, each of a tenant and a day drawn at random from all that it has sums of. */
export async function sampledPeriods(
  tx: Tx,
  { now, most }: { readonly now: number; readonly most: number },
): Promise<readonly WatchedDay[]> {
  const firstDay = await readFirstDays(tx);
  const old = (await readWatermarks(tx)).flatMap((tenant) => {
    const first = firstDay.get(tenant.tenant) ?? null;
    const end = localDay(now, tenant.timeZone) - RECENT_DAYS + 1;
    return first !== null && first < end ? [{ tenant, first, end }] : [];
  });
  const all = old.flatMap(({ tenant, first, end }) =>
    Array.from({ length: end - first }, (_, index) => ({ tenant, day: first + index })),
  );
  // Every day of every tenant is as likely: a tenant with a long history is looked at more often.
  return shuffled(all)
    .slice(0, most)
    .map(({ tenant, day }) => periodOf(tenant, day));
}

function periodOf({ tenant, timeZone, eventsFrom }: Watermark, day: number): WatchedDay {
  const from = midnight(day, timeZone);
  const to = midnight(day + 1, timeZone);
  return { tenant, from, to, events: eventsFrom === null || from >= eventsFrom };
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
