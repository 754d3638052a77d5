/**
 * The one place where a provider client is intercepted: the `fetch` it holds.
 *
 * Both official clients send everything through it, hand it to the clients `withOptions()` makes, and build
 * their promises, streams and errors behind it. So every method, present and future, is covered by one
 * mechanism, and none of the client's objects is touched.
 */
import { UsageChunkFilter } from '@farthing/pricing/extract';
import { type Attribution, mergeAttribution } from '../attribution.ts';
import { bodyAskingForUsage, understandsAsking } from './ask-for-usage.ts';
import { type BillableCall, billableCall, type ClientKind } from './billable-call.ts';
import { CallRecord, type RecordSink } from './call-record.ts';
import { isGatewayCall, wasRecordedByGateway, withGatewayHeaders } from './gateway-headers.ts';
import { observeResponse } from './observe-response.ts';

/** A fetch as provider clients hold it. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

export interface TrackOptions {
  /** Name of the provider, where neither the client nor the host tells: `track(client, { provider: 'groq' })`. */
  readonly provider?: string;
  /**
   * Whether chat streams of OpenAI's form are asked for their usage (`stream_options.include_usage`); the extra
   * chunk is taken out again, the others then carry `usage: null`. Default: with OpenAI itself and on this machine.
   */
  readonly streamUsage?: boolean;
  /** Attribution of this client's calls, under what `withAttribution` says. */
  readonly attribution?: Attribution;
}

/** What the wrapper needs to know about its surroundings. */
export interface TrackContext {
  readonly kind: ClientKind;
  readonly options: TrackOptions;
  readonly sink: RecordSink;
  readonly farthingUrl: string;
  readonly apiKey: string | undefined;
  /** Attribution in force at the time of a call. */
  readonly attribution: () => Attribution;
}

interface Plan {
  readonly init: RequestInit | undefined;
  readonly record: CallRecord | undefined;
  readonly filtered: boolean;
}

/** Wraps a client's fetch. If anything goes wrong in here, the client's call goes on as without it. */
export function trackedFetch(inner: Fetch, context: TrackContext): Fetch {
  return (input, init) => {
    const plan = attempt(() => planCall(input, init, context), context.sink);
    if (plan === undefined) return inner(input, init);
    const { record } = plan;
    if (record === undefined) return inner(input, plan.init);
    return inner(input, plan.init).then(
      (response) => {
        attempt(() => {
          if (wasRecordedByGateway(response)) return;
          observeResponse(response, record.observe(response), plan.filtered ? newFilter : undefined);
        }, context.sink);
        return response;
      },
      (error: unknown) => {
        attempt(() => record.failed(error), context.sink);
        throw error;
      },
    );
  };
}

/** How to track a request; undefined to leave it alone. */
function planCall(
  input: string | URL | Request,
  init: RequestInit | undefined,
  context: TrackContext,
): Plan | undefined {
  const url = new URL(input instanceof Request ? input.url : input);
  const method = (init?.method ?? (input instanceof Request ? input.method : 'GET')).toUpperCase();
  const call = billableCall(url, method, context.kind, context.options.provider);
  if (call === undefined) return undefined;
  const attribution = mergeAttribution(context.options.attribution ?? {}, context.attribution());
  if (attribution.costTrackingEnabled === false) return undefined;
  if (isGatewayCall(url, context.farthingUrl)) {
    const given = init?.headers ?? (input instanceof Request ? input.headers : undefined);
    const headers = withGatewayHeaders(given, attribution, context.apiKey);
    return { init: { ...init, headers }, record: undefined, filtered: false };
  }
  const asking = bodyThatAsks(call, init, context.options);
  return {
    init: asking === undefined ? init : { ...init, body: asking },
    record: new CallRecord(call, attribution, init?.body, context.sink),
    filtered: asking !== undefined,
  };
}

function bodyThatAsks(
  call: BillableCall,
  init: RequestInit | undefined,
  options: TrackOptions,
): string | undefined {
  const option = call.surface.stream?.usageOption ?? null;
  // Servers of the older completions may not know the option.
  if (option === null || call.operation !== 'chat') return undefined;
  if (!(options.streamUsage ?? understandsAsking(call.host))) return undefined;
  return new Headers(init?.headers).has('content-length')
    ? undefined
    : bodyAskingForUsage(init?.body, option);
}

function newFilter(): UsageChunkFilter {
  return new UsageChunkFilter();
}

function attempt<T>(act: () => T, sink: RecordSink): T | undefined {
  try {
    return act();
  } catch (error) {
    sink.fault(error);
    return undefined;
  }
}
