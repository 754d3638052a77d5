/** Turns a caller's item into the usage event of the ledger: parsed, checked, attributed, not yet rated. */
import { type UsageEventInput, usageEventInput } from '@farthing/contract';
import { checkQuantities, type Json, type JsonObject, tokenTotals } from '@farthing/pricing';
import {
  creationTime,
  ExtractError,
  type ExtractHint,
  extractUsage,
  isObject,
  readResponseLine,
  resolveProvider,
  USAGE_TOO_LARGE,
} from '@farthing/pricing/extract';
import { v7 } from 'uuid';
import { contentHash } from '../ledger/content-hash.ts';
import type { Door, UsageEvent } from '../ledger/usage-event.ts';
import { bindAttribution, tenantOf } from '../tenants/attribution/bind-attribution.ts';
import { RejectionError } from '../tenants/attribution/rejection-error.ts';
import type { Identity } from '../tenants/identity.ts';
import { checkCounts, checkStorable } from './check-counts.ts';
import { givenTime } from './event-time.ts';
import { rejectionOf } from './extract-rejection.ts';

/** Attribution for items that state none. */
export interface Defaults {
  readonly tenant?: string | undefined;
  readonly project?: string | undefined;
  readonly environment?: string | undefined;
  readonly agent?: string | undefined;
  /** Tags of items that do not have these keys themselves. */
  readonly tags?: { readonly [key: string]: string } | undefined;
}

/** Facts about an item besides its content. */
export interface ItemContext {
  readonly identity: Identity;
  readonly door: Door;
  readonly defaults: Defaults;
  /** Unix milliseconds. */
  readonly now: number;
}

/** The consumption stated by the content, in whichever format. */
type Consumption = Pick<
  UsageEvent,
  | 'provider'
  | 'model'
  | 'operation'
  | 'responseId'
  | 'tier'
  | 'speed'
  | 'region'
  | 'segments'
  | 'source'
  | 'convention'
  | 'rawUsage'
  | 'reportedCost'
  | 'anomalies'
> & { readonly status: 'ok' | 'error'; readonly createdAt: number | null };

/**
 * Reads one item of `POST /api/usage/events`.
 *
 * @throws RejectionError (or `ExtractError`) naming what is wrong and where.
 */
export function readEvent(item: Json, context: ItemContext): UsageEvent {
  const input = parseInput(item);
  checkStorable(input.metadata as JsonObject | undefined, 'metadata');
  checkStorable(input.tags, 'tags');
  const time = input.time === undefined ? null : givenTime(Date.parse(input.time), context.now, 'time');
  const { status, createdAt, ...consumption } = readConsumption(input, context.now);
  return {
    ...consumption,
    tenant: tenantOf(context.identity, input.tenant ?? context.defaults.tenant),
    id: input.id ?? v7(),
    contentHash: contentHash(item),
    time: time ?? creationTime(createdAt, context.now),
    door: context.door,
    requestedModel: input.model ?? null,
    operation: input.operation ?? consumption.operation,
    status: input.status ?? status,
    // A cut stream counts only what had arrived; a later full report of the same call replaces it.
    source: input.status === 'aborted' && consumption.source === 'reported' ? 'partial' : consumption.source,
    latencyMs: input.latency_ms ?? null,
    traceId: null,
    spanId: null,
    attribution: {
      ...bindAttribution(context.identity, {
        project: input.project ?? context.defaults.project,
        environment: input.environment ?? context.defaults.environment,
        agent: input.agent ?? context.defaults.agent,
        user: input.user,
        tags: { ...context.defaults.tags, ...input.tags },
      }),
      workflow: input.workflow ?? input.request_id ?? null,
      task: input.task ?? null,
      session: input.session ?? null,
      requestId: input.request_id ?? null,
    },
    metadata: (input.metadata as JsonObject | undefined) ?? null,
  };
}

function parseInput(item: Json): UsageEventInput {
  if (!isObject(item)) throw new RejectionError('invalid_event', 'An event must be a JSON object.');
  if (Object.hasOwn(item, '__proto__'))
    throw new RejectionError('invalid_event', 'Unknown field.', '__proto__');
  const parsed = usageEventInput.safeParse(item);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    const key = (issue.keys[0] ?? '').slice(0, 60);
    throw new RejectionError('invalid_event', `Unknown field "${key}".`, [...issue.path, key].join('.'));
  }
  const path = issue?.path.map(String).join('.') ?? '';
  throw new RejectionError(
    'invalid_event',
    issue?.message ?? 'The event does not fit.',
    path === '' ? null : path.slice(0, 200),
  );
}

function readConsumption(input: UsageEventInput, now: number): Consumption {
  const form = input.response !== undefined ? 'response' : input.usage !== undefined ? 'usage' : 'quantities';
  try {
    if (input.response !== undefined) return readResponse(input.response as JsonObject, input, now);
    if (input.usage !== undefined) return readUsage(input.usage as JsonObject, input);
    return readQuantities(input.quantities, input);
  } catch (error) {
    if (error instanceof ExtractError) throw rejectionOf(error, form);
    throw error;
  }
}

function readResponse(body: JsonObject, input: UsageEventInput, now: number): Consumption {
  for (const key of ['usage', 'usageMetadata', 'usage_metadata']) {
    const usage = Object.hasOwn(body, key) ? body[key] : undefined;
    if (isObject(usage)) checkCounts(usage, `response.${key}`);
  }
  const reading = readResponseLine(
    {
      format: 'json',
      body,
      ...(input.provider === undefined ? {} : { provider: input.provider }),
      ...(input.model === undefined ? {} : { request_model: input.model }),
      ...hostingOf(input),
    },
    now,
  );
  const { usage } = reading;
  const large = usage.anomalies.find(({ code }) => code === USAGE_TOO_LARGE);
  if (large !== undefined) {
    throw new RejectionError('usage_too_large', `In the response ${large.message}.`, 'response.usage');
  }
  checkStorable(reading.model, 'response.model');
  checkStorable(usage.responseId ?? undefined, 'response.id');
  checkStorable(usage.rawUsage, 'response.usage');
  return { ...usage, model: reading.model, tier: reading.tier, status: reading.status };
}

function readUsage(usage: JsonObject, input: UsageEventInput): Consumption {
  const model = requireModel(input);
  checkCounts(usage, 'usage');
  checkStorable(usage, 'usage');
  const read = extractUsage(usage, {
    requestModel: model,
    ...(input.provider === undefined ? {} : { provider: input.provider }),
    ...(input.operation === undefined ? {} : { operation: input.operation }),
    ...hostingOf(input),
  });
  return { ...read, model: read.model ?? model, tier: read.tier ?? 'standard', status: 'ok' };
}

/** Price facts that only the host and the head of an answer show. */
function hostingOf({ url, headers }: UsageEventInput): Pick<ExtractHint, 'url' | 'headers'> {
  return { ...(url === undefined ? {} : { url }), ...(headers === undefined ? {} : { headers }) };
}

function readQuantities(given: unknown, input: UsageEventInput): Consumption {
  const model = requireModel(input);
  const provider = input.provider === undefined ? null : resolveProvider(input.provider);
  if (provider === null) {
    const message =
      input.provider === undefined
        ? 'Quantities need the provider.'
        : `The provider "${input.provider.slice(0, 60)}" is not known; for an OpenAI-compatible endpoint of your own say "openai-compatible".`;
    throw new RejectionError('unknown_provider', message, 'provider');
  }
  const checked = checkQuantities(given);
  if (!checked.ok) {
    const [problem] = checked.problems;
    const code = problem?.code === 'unknown_meter' ? 'unknown_meter' : 'invalid_quantity';
    throw new RejectionError(
      code,
      problem?.message ?? 'The quantities do not fit.',
      `quantities.${problem?.meter.slice(0, 60) ?? ''}`,
    );
  }
  const { quantities } = checked;
  if (Object.keys(quantities).length === 0) {
    throw new RejectionError(
      'invalid_quantity',
      'Name at least one meter, such as "input_uncached": 12.',
      'quantities',
    );
  }
  const totals = tokenTotals(quantities);
  return {
    provider,
    model,
    operation: totals.input + totals.output > 0 ? 'chat' : 'other',
    responseId: null,
    createdAt: null,
    tier: 'standard',
    speed: null,
    region: null,
    segments: [{ model: null, quantities, contextTokens: totals.input }],
    source: 'reported',
    convention: 'quantities as the caller gave them',
    rawUsage: quantities,
    reportedCost: null,
    anomalies: [],
    status: 'ok',
  };
}

function requireModel(input: UsageEventInput): string {
  if (input.model !== undefined) return input.model;
  throw new RejectionError(
    'invalid_event',
    'Name the model: only a whole response says it by itself.',
    'model',
  );
}
