/**
 * Limits of one event. The entry points refuse larger ones and name the field. This is the last check, for events made
 * durable before an entry point had its limit.
 */
import { LARGEST_QUANTITY } from '@farthing/pricing';
import { EARLIEST_EVENT_TIME } from '../../db/schema/partitions.ts';
import type { RatedEvent } from '../../ledger/rated-event.ts';
import type { UsageEvent } from '../../ledger/usage-event.ts';
import { weigh } from '../../ledger/weight.ts';

/** Values and characters of what callers and providers fill freely, together; 1 MiB of them takes Postgres a second. */
const MOST_CONTENT = 1024 * 1024;
const SHA_256 = /^[0-9a-f]{64}$/;
const LATEST_EVENT_TIME = Date.UTC(2200, 0, 1);
const LONGEST_LATENCY_MS = 86_400_000;
/** USD 1,000,000,000 in picos: sums of it fit their columns 10¹⁷ times. */
const DEAREST_PICOS = 10n ** 21n;

/**
 * Why the ledger cannot hold this event, as a sentence; null if it can. Looks at no more than it needs to, so that an
 * event of 100 MB costs no more than one of 1 MiB.
 */
export function excessOf(event: UsageEvent): string | null {
  const { contentHash, time, latencyMs, rawUsage, metadata, segments, anomalies, attribution } = event;
  if (!SHA_256.test(contentHash)) return 'Its content hash is none, so that a repeat could not be told.';
  if (!(time >= EARLIEST_EVENT_TIME && time < LATEST_EVENT_TIME))
    return 'Its time lies before 2020 or after 2199.';
  if (latencyMs !== null && !(latencyMs >= 0 && latencyMs <= LONGEST_LATENCY_MS))
    return 'Its latency is no number of milliseconds from 0 to a day.';
  const left = weigh(anomalies, weigh(attribution.tags, weigh(metadata, weigh(rawUsage, MOST_CONTENT))));
  return weigh(segments, left) < 0
    ? `Its usage, metadata and tags hold more than ${MOST_CONTENT.toLocaleString('en')} values and characters together, or are nested too deeply.`
    : null;
}

/** Why sums cannot take this event in, as a sentence; null where they can. Sums are `bigint` and `numeric(38,12)`. */
export function excessOfRated({ tokens, charge, listPicos }: RatedEvent): string | null {
  if (!(tokens.input <= LARGEST_QUANTITY && tokens.output <= LARGEST_QUANTITY))
    return `Its tokens add up to more than ${LARGEST_QUANTITY.toLocaleString('en')}.`;
  if (magnitude(charge.pricedSubtotalPicos) > DEAREST_PICOS || magnitude(listPicos ?? 0n) > DEAREST_PICOS)
    return 'Its cost is more than 1,000,000,000 USD.';
  return null;
}

const magnitude = (picos: bigint): bigint => (picos < 0n ? -picos : picos);
