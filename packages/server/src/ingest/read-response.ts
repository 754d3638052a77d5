/** A line of recorded provider responses → the usage event the ledger keeps. */
import { isPathStep, MAX_NAME_LENGTH } from '@farthing/contract';
import type { ExtractedUsage, Json } from '@farthing/pricing';
import { creationTime, isObject, readResponseLine } from '@farthing/pricing/extract';
import { v7 } from 'uuid';
import { contentHash } from '../ledger/content-hash.ts';
import type { UsageEvent } from '../ledger/usage-event.ts';
import { bindAttribution, tenantOf } from '../tenants/attribution/bind-attribution.ts';
import { RejectionError } from '../tenants/attribution/rejection-error.ts';
import { checkStorable } from './check-counts.ts';
import { givenTime } from './event-time.ts';
import type { ItemContext } from './read-event.ts';

/**
 * Reads one line. Unlike an event's, a line's contradictory counts are kept as anomalies: the recording is what it is.
 *
 * @param streamed the reading of the line's stream, where that was read apart
 * @throws RejectionError (or `ExtractError`) naming what is wrong.
 */
export function readResponseItem(
  line: Json,
  context: ItemContext,
  streamed: ExtractedUsage | null = null,
): UsageEvent {
  if (!isObject(line)) throw new RejectionError('invalid_event', 'A line must be a JSON object.');
  const { id } = line;
  if (
    id !== undefined &&
    id !== null &&
    (typeof id !== 'string' || id === '' || id.length > MAX_NAME_LENGTH)
  ) {
    throw new RejectionError(
      'invalid_event',
      `id must be a text of 1 to ${MAX_NAME_LENGTH} characters.`,
      'id',
    );
  }
  if (typeof id === 'string' && isPathStep(id)) {
    throw new RejectionError(
      'invalid_event',
      'id must not be "." or "..": no URL can name such an id.',
      'id',
    );
  }
  checkStorable(id ?? undefined, 'id');
  const { usage, ...reading } = readResponseLine(line, context.now, streamed);
  checkStorable(reading.model, 'model');
  checkStorable(reading.requestedModel ?? undefined, 'request_model');
  checkStorable(usage.responseId ?? undefined, 'body.id');
  checkStorable(usage.rawUsage, 'usage');
  const stated = line['at'] !== undefined && line['at'] !== null;
  const { createdAt, ...consumption } = usage;
  return {
    ...consumption,
    tenant: tenantOf(context.identity, context.defaults.tenant),
    id: reading.id ?? v7(),
    contentHash: contentHash(line),
    time: stated ? givenTime(reading.at, context.now, 'at') : creationTime(createdAt, context.now),
    door: context.door,
    requestedModel: reading.requestedModel,
    model: reading.model,
    status: reading.status,
    billed: reading.billed,
    tier: reading.tier,
    latencyMs: null,
    traceId: null,
    spanId: null,
    attribution: {
      ...bindAttribution(context.identity, context.defaults),
      workflow: null,
      task: null,
      session: null,
      requestId: null,
    },
    metadata: null,
  };
}
