/** From the bytes of a request to durable events: every item gets its answer, the good ones are kept. */
import { AppError, type UsageEventResult, type UsageEventsBody } from '@farthing/contract';
import { type Json, printUsd } from '@farthing/pricing';
import { ExtractError } from '@farthing/pricing/extract';
import type { RecordOutcome, UsageEvent } from '../ledger/usage-event.ts';
import { Overloaded } from '../record/overloaded.ts';
import type { Recorder } from '../record/recorder.ts';
import { DEFAULT_TENANT } from '../tenants/tenant.ts';
import { type ItemContext, readEvent } from './read-event.ts';
import { readItems } from './read-items.ts';
import { readResponseItem } from './read-response.ts';
import { asAppError, Rejection, rejectionOf } from './rejection.ts';

export interface IngestOptions {
  readonly recorder: Pick<Recorder, 'record'>;
  readonly tenantExists: (id: string) => Promise<boolean>;
  /** False: everything is checked and nothing is kept (`FF_COST_TRACKING=false`). */
  readonly enabled: boolean;
  /** Hears of an item that could not be read for a reason that is our mistake. */
  readonly onSurprise: (error: unknown) => void;
}

export interface IngestRequest extends ItemContext {
  readonly body: Buffer;
  /** The body was announced as NDJSON. */
  readonly ndjson: boolean;
  readonly format: 'events' | 'responses';
}

export interface Ingest {
  /**
   * Reads a body, records what is good and answers per item, in order.
   *
   * @throws AppError when the body as a whole cannot be read, or is one single event that was not kept; `overloaded`
   *   when the recorder is full.
   */
  ingest(request: IngestRequest): Promise<UsageEventsBody>;
}

/** Items read in one go; then others get their turn. */
const SLICE = 500;

export function createIngest(options: IngestOptions): Ingest {
  return {
    async ingest(request) {
      const { single, items } = readItems(request.body, request.ndjson);
      const read = await readAll(items, request, options);
      const results = options.enabled ? await recordAll(read, options.recorder) : read.map(asDisabled);
      const [first] = results;
      if (single && first !== undefined && 'error' in first) throw asAppError(first.error);
      return summarise(results);
    },
  };
}

type ReadItem =
  | { readonly event: UsageEvent }
  | { readonly id: string | null; readonly rejection: Rejection };

async function readAll(
  items: readonly (Json | Rejection)[],
  request: IngestRequest,
  options: IngestOptions,
): Promise<ReadItem[]> {
  const read = request.format === 'responses' ? readResponseItem : readEvent;
  const result: ReadItem[] = [];
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % SLICE === 0) await new Promise(setImmediate);
    const one = readOne(item, read, request, options);
    // Most events name no tenant of their own: only those that do wait for an answer.
    result.push(
      'event' in one && mayNameNoTenant(one.event, request) ? await checkTenant(one.event, options) : one,
    );
  }
  return result;
}

function readOne(
  item: Json | Rejection,
  read: (item: Json, context: ItemContext) => UsageEvent,
  request: IngestRequest,
  options: IngestOptions,
): ReadItem {
  if (item instanceof Rejection) return { id: null, rejection: item };
  try {
    return { event: read(item, request) };
  } catch (error) {
    return { id: idOf(item), rejection: asRejection(error, options.onSurprise) };
  }
}

/** A tenant key writes to its own tenant, which exists; an admin key may name one that does not. */
function mayNameNoTenant({ tenant }: UsageEvent, { identity }: IngestRequest): boolean {
  return identity.tenantId === null && tenant !== DEFAULT_TENANT;
}

async function checkTenant(event: UsageEvent, { tenantExists }: IngestOptions): Promise<ReadItem> {
  if (await tenantExists(event.tenant)) return { event };
  return {
    id: event.id,
    rejection: new Rejection(
      'unknown_tenant',
      'There is no such tenant. Make it with "farthing tenants create" or POST /api/admin/tenants.',
      'tenant',
    ),
  };
}

async function recordAll(
  read: readonly ReadItem[],
  recorder: IngestOptions['recorder'],
): Promise<UsageEventResult[]> {
  const events = read.flatMap((item) => ('event' in item ? [item.event] : []));
  const outcomes = events.length === 0 ? [] : await record(events, recorder);
  let next = 0;
  return read.map((item) => {
    if (!('event' in item)) return asRejected(item.id, item.rejection);
    const outcome = outcomes[next++];
    if (outcome === undefined) throw new Error('The recorder answered for fewer events than it was given.');
    return asResult(outcome);
  });
}

async function record(
  events: readonly UsageEvent[],
  recorder: IngestOptions['recorder'],
): Promise<readonly RecordOutcome[]> {
  try {
    return await recorder.record(events);
  } catch (error) {
    if (!(error instanceof Overloaded)) throw error;
    throw new AppError(
      'overloaded',
      'More events are waiting than can be taken; nothing of this request was kept. Try again shortly.',
      {
        retryAfter: error.retryAfterSeconds,
        cause: error,
      },
    );
  }
}

function asResult(outcome: RecordOutcome): UsageEventResult {
  switch (outcome.status) {
    case 'queued':
      return { status: 'queued', id: outcome.id };
    case 'conflict':
      return {
        status: 'conflict',
        id: outcome.id,
        error: { code: 'event_conflict', message: outcome.message, path: 'id' },
      };
    case 'rejected':
      return { status: 'rejected', id: outcome.id, error: { code: outcome.code, message: outcome.message } };
    default: {
      const { status, id, costPicos, unpriced } = outcome;
      return {
        status,
        id,
        cost_usd: costPicos === null ? null : printUsd(costPicos),
        ...(unpriced.length === 0 ? {} : { unpriced }),
      };
    }
  }
}

function asDisabled(item: ReadItem): UsageEventResult {
  return 'event' in item ? { status: 'disabled', id: item.event.id } : asRejected(item.id, item.rejection);
}

function asRejected(id: string | null, { code, message, path }: Rejection): UsageEventResult {
  return { status: 'rejected', id, error: { code, message, ...(path === null ? {} : { path }) } };
}

function asRejection(error: unknown, onSurprise: (error: unknown) => void): Rejection {
  if (error instanceof Rejection) return error;
  if (error instanceof ExtractError) return rejectionOf(error, null);
  onSurprise(error);
  return new Rejection(
    'unrecognised_body',
    'The item could not be read; the server log has the particulars.',
  );
}

/** The id the sender gave, where it can be told at all. */
function idOf(item: Json): string | null {
  const id = typeof item === 'object' && item !== null && 'id' in item ? item['id'] : null;
  return typeof id === 'string' && id.length <= 256 ? id : null;
}

const COUNTERS = {
  accepted: 'accepted',
  duplicate: 'duplicates',
  superseded: 'superseded',
  conflict: 'conflicts',
  rejected: 'rejected',
  queued: 'queued',
  disabled: 'disabled',
} as const satisfies Record<UsageEventResult['status'], keyof UsageEventsBody>;

function summarise(results: readonly UsageEventResult[]): UsageEventsBody {
  const counts = {
    accepted: 0,
    duplicates: 0,
    superseded: 0,
    conflicts: 0,
    rejected: 0,
    queued: 0,
    disabled: 0,
  };
  for (const { status } of results) counts[COUNTERS[status]]++;
  return { results, ...counts };
}
