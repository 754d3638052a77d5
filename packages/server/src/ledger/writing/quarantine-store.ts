/** `quarantined_events`: acknowledged events that turned out not to fit. Visible with their reason, never dropped. */
import type { Tx } from '../../db/database.ts';
import type { UsageEvent } from '../usage-event.ts';
import { weigh } from '../weight.ts';

/** A larger event (values and characters) is quarantined as an excerpt. */
const MOST_KEPT = 64 * 1024;
/** Of one part of an excerpt, and of one text of it. */
const MOST_OF_PART = 4 * 1024;
const LONGEST_TEXT = 512;
const LONGEST_REASON = 1_000;

/** Keeps the event with its reason; the same content under the same id is kept once. Of a large one, an excerpt. */
export async function quarantine(tx: Tx, event: UsageEvent, reason: string): Promise<void> {
  await tx.query(
    {
      name: 'quarantine',
      text: `insert into quarantined_events (tenant_id, event_id, content_hash, reason, event)
             values ($1, $2, decode($3, 'hex'), $4, $5) on conflict do nothing`,
    },
    [
      event.tenant,
      event.id,
      event.contentHash,
      reason.slice(0, LONGEST_REASON).replaceAll('\0', '\ufffd').toWellFormed(),
      JSON.stringify(fitsQuarantine(event) ? event : excerptOf(event)),
    ],
  );
}

/** False for an event of which the quarantine keeps only an excerpt: the whole event must be kept elsewhere. */
export function fitsQuarantine(event: UsageEvent): boolean {
  return weigh(event, MOST_KEPT) >= 0;
}

/** The event with its oversized parts replaced by their names; its attribution stays. */
function excerptOf(event: UsageEvent): object {
  return Object.fromEntries(
    Object.entries(event).map(([name, part]) => [
      name,
      name === 'attribution' && isObject(part) ? shortened(part) : brief(part),
    ]),
  );
}

function shortened(part: object): object {
  return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, brief(value)]));
}

function brief(part: unknown): unknown {
  if (typeof part === 'string')
    return part.length <= LONGEST_TEXT ? part : `${part.slice(0, LONGEST_TEXT)}…`.toWellFormed();
  if (!isObject(part) || weigh(part, MOST_OF_PART) >= 0) return part;
  return { left_out: `more than ${MOST_OF_PART} values and characters` };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
