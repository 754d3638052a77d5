/** Recomputes rollups from the events, piece by piece, while events come in. */
import { setTimeout as sleep } from 'node:timers/promises';
import { quarterHour } from '../clock/lengths.ts';
import type { Database, Tx } from '../db/database.ts';
import { sqlState } from '../db/store-errors.ts';
import { readWatermarks } from '../tenants/read-watermarks.ts';
import {
  compareRollups,
  NOTHING_COMPARED,
  type RebuildPiece,
  type RollupComparison,
  repairDays,
  repairRollups,
  together,
} from './compare.ts';
import { rebuildPieces, type TimeLimits } from './find-pieces.ts';
import { holdRepairs } from './repair-lock-store.ts';

/**
 * The watermark from which on a tenant's events are the record, Unix milliseconds; null = all events are. Below it they
 * may be deleted, and the rollups are the record. Read inside the transaction; a deletion of events commits the new
 * watermark first.
 */
export type WatermarkOf = (tx: Tx, tenant: string) => Promise<number | null>;

export interface RebuildOptions extends TimeLimits {
  /** Null = every tenant. */
  readonly tenant: string | null;
  /** Only compare. */
  readonly check: boolean;
  readonly watermarkOf: WatermarkOf;
  /** Called after each piece, for progress. */
  readonly onPiece?: (piece: RebuildPiece, found: RollupComparison, done: number, of: number) => void;
}

const MOST_ATTEMPTS = 6;

/**
 * Compares every quarter hour with its events and every day with its quarter hours, and (without `check`) makes them
 * equal. Changes nothing if all is right. Each piece is one transaction; it and writers wait for each other only at
 * rows being repaired.
 *
 * @example await rebuildRollups(db, { tenant: 'acme', from: null, to: null, check: true, watermarkOf });
 */
export async function rebuildRollups(db: Database, options: RebuildOptions): Promise<RollupComparison> {
  const pieces: RebuildPiece[] = [];
  for (const tenant of await tenantsOf(db, options.tenant)) {
    pieces.push(...(await db.asOperator((tx) => rebuildPieces(tx, tenant, options))));
  }
  let all = NOTHING_COMPARED;
  for (const [index, piece] of pieces.entries()) {
    const found = await repeated(() => doPiece(db, piece, options));
    all = together(all, found);
    options.onPiece?.(piece, found, index + 1, pieces.length);
  }
  return all;
}

/** Rebuilds all day rows of a tenant from its quarter hours; needs no events. */
export async function rebuildDays(db: Database, tenant: string): Promise<RollupComparison> {
  let all = NOTHING_COMPARED;
  for (const piece of await db.asOperator((tx) => rebuildPieces(tx, tenant, { from: null, to: null }))) {
    const found = await repeated(() =>
      db.asOperator(async (tx) => {
        await holdRepairs(tx, tenant);
        return repairDays(tx, piece);
      }),
    );
    all = together(all, found);
  }
  return all;
}

/** The events of a piece began to go while it was compared. */
class WatermarkMovedError extends Error {
  override readonly name = 'WatermarkMovedError';
}

function doPiece(
  db: Database,
  piece: RebuildPiece,
  { check, watermarkOf }: RebuildOptions,
): Promise<RollupComparison> {
  return db.asOperator(async (tx) => {
    await holdRepairs(tx, piece.tenant);
    const from = Math.max(piece.from, await recordFrom(tx, piece.tenant, watermarkOf));
    if (from >= piece.to) return NOTHING_COMPARED;
    const found = await (check ? compareRollups : repairRollups)(tx, { ...piece, from });
    if ((await recordFrom(tx, piece.tenant, watermarkOf)) > from) throw new WatermarkMovedError();
    return found;
  });
}

/** The first quarter hour that has all its events. */
async function recordFrom(tx: Tx, tenant: string, watermarkOf: WatermarkOf): Promise<number> {
  const watermark = await watermarkOf(tx, tenant);
  return watermark === null ? Number.NEGATIVE_INFINITY : -quarterHour(-watermark);
}

async function repeated(piece: () => Promise<RollupComparison>): Promise<RollupComparison> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await piece();
    } catch (error) {
      const mayPass =
        error instanceof WatermarkMovedError || ['40P01', '40001'].includes(sqlState(error) ?? '');
      if (!mayPass || attempt >= MOST_ATTEMPTS) throw error;
      await sleep(attempt * 20 * Math.random());
    }
  }
}

async function tenantsOf(db: Database, tenant: string | null): Promise<readonly string[]> {
  const tenants = await db.asOperator((tx) => readWatermarks(tx, tenant));
  if (tenant !== null && tenants.length === 0) throw new Error(`There is no tenant "${tenant}".`);
  return tenants.map((one) => one.tenant);
}
