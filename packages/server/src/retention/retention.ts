/** How long a tenant's events are kept: read, preview and set. A job does the deletion. */
import { AppError, MOST_RETENTION_DAYS } from '@farthing/contract';
import type { Database, Tx } from '../db/database.ts';
import { cutoffOf, effectiveDays } from './cutoff.ts';
import { countBefore, readRetention, type TenantRetention, writeRetention } from './store.ts';

/** A tenant's retention as it stands. */
export interface RetentionStatus {
  readonly tenant: string;
  readonly timeZone: string;
  /** The tenant's own setting; null = as long as the instance keeps. */
  readonly days: number | null;
  /** The instance's maximum; null = none. */
  readonly instanceDays: number | null;
  /** The stricter of both; null = no limit. */
  readonly effectiveDays: number | null;
  /** The watermark: from here on events are kept, before it only sums. Null: nothing was deleted. */
  readonly eventsFrom: Date | null;
}

/** The effect of a setting, actual or previewed. */
export interface RetentionEffect extends RetentionStatus {
  /** The watermark after the next round of retention; null = unchanged. */
  readonly movesTo: Date | null;
  /** Events that then lie below it. */
  readonly eventsGoing: number;
}

export interface Retention {
  /** Null if there is no such tenant. */
  get(tenant: string): Promise<RetentionEffect | null>;
  /** Previews the effect of `days`; changes nothing. */
  preview(tenant: string, days: number | null): Promise<RetentionEffect | null>;
  /** Sets the tenant's own retention. The events go with the next round, so that a slip can be taken back until then. */
  set(tenant: string, days: number | null, actor: string): Promise<RetentionEffect | null>;
}

export interface RetentionParts {
  readonly db: Database;
  readonly instanceDays: number | null;
  /** Unix milliseconds. */
  readonly now: () => number;
}

export function createRetention({ db, instanceDays, now }: RetentionParts): Retention {
  async function effectOf(tx: Tx, found: TenantRetention): Promise<RetentionEffect> {
    const effective = effectiveDays(found.days, instanceDays);
    const status = {
      tenant: found.tenant,
      timeZone: found.timeZone,
      days: found.days,
      instanceDays,
      effectiveDays: effective,
      eventsFrom: found.eventsFrom,
    };
    if (effective === null) return { ...status, movesTo: null, eventsGoing: 0 };
    const cutoff = cutoffOf(effective, found.timeZone, now());
    if (found.eventsFrom !== null && found.eventsFrom.getTime() >= cutoff)
      return { ...status, movesTo: null, eventsGoing: 0 };
    const eventsGoing = await countBefore(tx, found.tenant, cutoff);
    return { ...status, movesTo: new Date(cutoff), eventsGoing };
  }

  const read = (tenant: string, change: (found: TenantRetention) => TenantRetention) =>
    db.asOperator(async (tx) => {
      const found = await readRetention(tx, tenant);
      return found === null ? null : effectOf(tx, change(found));
    });

  return {
    get: (tenant) => read(tenant, (found) => found),
    preview: (tenant, days) => read(tenant, (found) => ({ ...found, days: checked(days) })),
    async set(tenant, days, actor) {
      await db.asOperator((tx) => writeRetention(tx, { tenant, days: checked(days), actor }));
      return read(tenant, (found) => found);
    },
  };
}

function checked(days: number | null): number | null {
  if (days === null || (Number.isInteger(days) && days >= 1 && days <= MOST_RETENTION_DAYS)) return days;
  throw new AppError(
    'invalid_parameter',
    `A retention is a whole number of days from 1 to ${MOST_RETENTION_DAYS}, or null.`,
  );
}
