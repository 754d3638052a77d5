/** Thresholds page by page. */
import { z } from 'zod';
import { decodePageCursor, encodePageCursor } from '../parameters/page-cursor.ts';
import { refuseParameter } from '../parameters/refuse.ts';
import type { Threshold } from './threshold.ts';
import type { ThresholdPosition, ThresholdReach, ThresholdStore } from './threshold-store.ts';

export interface ThresholdPage {
  readonly thresholds: readonly Threshold[];
  /** Null at the end. */
  readonly nextCursor: string | null;
}

/** One page within reach, oldest first. */
export async function listThresholds(
  store: Pick<ThresholdStore, 'list'>,
  reach: ThresholdReach,
  { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
): Promise<ThresholdPage> {
  const after = cursor === undefined ? null : positionOf(cursor);
  const found = await store.list(reach, { after, limit: limit + 1 });
  const thresholds = found.slice(0, limit);
  const last = thresholds.at(-1);
  const more = found.length > limit && last !== undefined;
  return { thresholds, nextCursor: more ? encodePageCursor([last.createdAt.toISOString(), last.id]) : null };
}

const position = z.tuple([z.iso.datetime({ precision: 3 }), z.guid()]);

function positionOf(cursor: string): ThresholdPosition {
  const read = position.safeParse(decodePageCursor(cursor, 2));
  if (!read.success) throw refuseParameter('cursor', 'is not one that an earlier page gave');
  return { createdAt: read.data[0], id: read.data[1] };
}
