/** From the bytes of a request to durable events: every item gets its answer, the good ones are kept. */
import {
  AppError,
  type IngestAnswer,
  MAX_JSON_DEPTH,
  MAX_USAGE_VALUES,
  type UsageEventResult,
} from '@farthing/contract';
import { type Json, printUsd } from '@farthing/pricing';
import { ExtractError } from '@farthing/pricing/extract';
import type { RecordOutcome, UsageEvent } from '../ledger/usage-event.ts';
import { OverloadedError } from '../record/overloaded-error.ts';
import type { Recorder } from '../record/recorder.ts';
import { asAppError, RejectionError } from '../tenants/attribution/rejection-error.ts';
import { DEFAULT_TENANT } from '../tenants/tenant.ts';
import { rejectionOf } from './extract-rejection.ts';
import { type ItemContext, readEvent } from './read-event.ts';
import { type Items, parseItem, type RawItem, readItems, SMALL_ITEM_BYTES, turn } from './read-items.ts';
import { readResponseItem } from './read-response.ts';
import { LargeItemRejectionError, reduceItem } from './reduce-item.ts';

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
  ingest(request: IngestRequest): Promise<IngestAnswer>;
}

/** Items, and bytes of them, read in one go; then others get their turn. */
const SLICE = 250;
const SLICE_BYTES = 131_072;
/** An item of fewer values is not looked at for how much of it is kept. */
const FEW_VALUES = 200;
/** Values that the larger items of one request may leave in the ledger together. */
const MOST_KEPT = 500_000;

export function createIngest(options: IngestOptions): Ingest {
  return {
    async ingest(request) {
      const items = await readItems(request.body, request.ndjson);
      const read = await readAll(items, request, options);
      const results = options.enabled ? await recordAll(read, options.recorder) : read.map(asDisabled);
      const [first] = results;
      if (items.form === 'one' && first !== undefined && 'error' in first) throw asAppError(first.error);
      return summarise(results);
    },
  };
}

type ReadItem =
  | { readonly event: UsageEvent }
  | { readonly id: string | null; readonly rejection: RejectionError };

async function readAll(
  { form, items }: Items,
  request: IngestRequest,
  options: IngestOptions,
): Promise<ReadItem[]> {
  const result: ReadItem[] = [];
  let [count, bytes, kept] = [0, 0, 0];
  for (const [index, raw] of items.entries()) {
    count += 1;
    bytes += raw.bytes.length;
    if (count > SLICE || bytes > SLICE_BYTES) {
      [count, bytes] = [0, 0];
      await turn(request.identity.tenantId ?? '');
    }
    const one = isSmall(raw) ? readSmall(raw, request, options) : await readLarge(raw, request, options);
    if ('rejection' in one && one.rejection.code === 'invalid_json' && form === 'array') {
      if (raw.depth <= MAX_JSON_DEPTH) throw brokenArray(index, one.rejection);
    }
    if ('event' in one && raw.values > FEW_VALUES) kept += valuesKept(one.event);
    if (kept > MOST_KEPT) throw tooMuchKept();
    // Most events name no tenant; only those that do need an asynchronous check.
    result.push(
      'event' in one && mayNameNoTenant(one.event, request) ? await checkTenant(one.event, options) : one,
    );
  }
  return result;
}

function isSmall({ bytes, values }: RawItem): boolean {
  return bytes.length <= SMALL_ITEM_BYTES && values <= MAX_USAGE_VALUES;
}

function readSmall(raw: RawItem, request: IngestRequest, options: IngestOptions): ReadItem {
  let item: Json = null;
  try {
    item = parseItem(raw);
    return {
      event: request.format === 'responses' ? readResponseItem(item, request) : readEvent(item, request),
    };
  } catch (error) {
    return { id: idOf(item), rejection: asRejection(error, options.onSurprise) };
  }
}

async function readLarge(raw: RawItem, request: IngestRequest, options: IngestOptions): Promise<ReadItem> {
  let item: Json = null;
  try {
    const reduced = await reduceItem(raw, request.format);
    item = reduced.item;
    const event =
      request.format === 'responses'
        ? readResponseItem(item, request, reduced.streamed)
        : readEvent(item, request);
    return { event: reduced.cut ? { ...event, anomalies: [...event.anomalies, RESPONSE_CUT] } : event };
  } catch (error) {
    const id = error instanceof LargeItemRejectionError ? error.id : idOf(item);
    return { id, rejection: asRejection(error, options.onSurprise) };
  }
}

/** The rejection of a whole array in which an item is not JSON. */
function brokenArray(index: number, { message }: RejectionError): AppError {
  return new AppError('invalid_json', `Item ${index + 1} of the array: ${message}`);
}

const RESPONSE_CUT = {
  code: 'answer_cut',
  message:
    'the response is larger than what is read of one; counts that stand only in what was left out are missing',
} as const;

/** About how many values an event brings into the ledger beside its names. */
function valuesKept({ rawUsage, metadata, segments }: UsageEvent): number {
  return valuesIn(rawUsage) + valuesIn(metadata) + segments.length * 10;
}

function valuesIn(value: Json | undefined): number {
  if (typeof value !== 'object' || value === null) return 1;
  let values = 1;
  for (const one of Object.values(value)) values += valuesIn(one);
  return values;
}

const tooMuchKept = () =>
  new AppError(
    'too_many_items',
    `The usage and metadata of these events hold more than ${MOST_KEPT} values: send several smaller requests.`,
  );

/** A tenant key writes to its own tenant, which exists; an admin key may name one that does not. */
function mayNameNoTenant({ tenant }: UsageEvent, { identity }: IngestRequest): boolean {
  return identity.tenantId === null && tenant !== DEFAULT_TENANT;
}

async function checkTenant(event: UsageEvent, { tenantExists }: IngestOptions): Promise<ReadItem> {
  if (await tenantExists(event.tenant)) return { event };
  return {
    id: event.id,
    rejection: new RejectionError(
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
    if (!(error instanceof OverloadedError)) throw error;
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

function asRejected(id: string | null, { code, message, path }: RejectionError): UsageEventResult {
  return { status: 'rejected', id, error: { code, message, ...(path === null ? {} : { path }) } };
}

function asRejection(error: unknown, onSurprise: (error: unknown) => void): RejectionError {
  if (error instanceof RejectionError) return error;
  if (error instanceof ExtractError) return rejectionOf(error, null);
  onSurprise(error);
  return new RejectionError(
    'unrecognised_body',
    'The item could not be read; the server log has the particulars.',
  );
}

/** The sender's id, if it can be read. */
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
} as const satisfies Record<UsageEventResult['status'], keyof IngestAnswer>;

function summarise(results: readonly UsageEventResult[]): IngestAnswer {
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
