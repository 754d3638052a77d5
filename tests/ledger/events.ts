/** Usage events for tests. */
import { randomUUID } from 'node:crypto';
import { contentHash } from '../../packages/server/src/ledger/content-hash.ts';
import type { EventAttribution, UsageEvent } from '../../packages/server/src/ledger/usage-event.ts';

const NOBODY: EventAttribution = {
  project: null,
  environment: null,
  agent: null,
  user: null,
  apiKeyId: null,
  workflow: null,
  task: null,
  session: null,
  requestId: null,
  tags: {},
};

export interface TestEvent {
  readonly tenant?: string;
  readonly id?: string;
  readonly time?: number;
  readonly provider?: string;
  readonly model?: string;
  readonly status?: UsageEvent['status'];
  readonly source?: UsageEvent['source'];
  readonly input?: number;
  readonly cached?: number;
  readonly cacheWritten?: number;
  readonly output?: number;
  readonly reasoning?: number;
  readonly latencyMs?: number | null;
  readonly attribution?: Partial<EventAttribution>;
  readonly metadata?: UsageEvent['metadata'];
}

/** A chat call of `gpt-4o` unless given otherwise; the content hash follows from what is given. */
export function testEvent(given: TestEvent = {}): UsageEvent {
  const { input = 1200, cached = 0, cacheWritten = 0, output = 340, reasoning = 0 } = given;
  const id = given.id ?? randomUUID();
  const sent = { ...given, id, time: given.time ?? null };
  return {
    tenant: given.tenant ?? 'default',
    id,
    contentHash: contentHash(JSON.parse(JSON.stringify(sent))),
    time: given.time ?? Date.UTC(2026, 10, 20, 12, 7),
    door: 'api',
    provider: given.provider ?? 'openai',
    requestedModel: given.model ?? 'gpt-4o',
    model: given.model ?? 'gpt-4o',
    operation: 'chat',
    status: given.status ?? 'ok',
    latencyMs: given.latencyMs === undefined ? 812.5 : given.latencyMs,
    traceId: null,
    spanId: null,
    responseId: `chatcmpl-${id}`,
    attribution: { ...NOBODY, ...given.attribution },
    tier: 'standard',
    speed: null,
    region: null,
    segments: [
      {
        model: null,
        quantities: {
          input_uncached: input,
          input_cache_read: cached,
          ...(cacheWritten === 0 ? {} : { input_cache_write_5m: cacheWritten }),
          output_text: output,
          ...(reasoning === 0 ? {} : { output_reasoning: reasoning }),
        },
        contextTokens: input + cached + cacheWritten,
      },
    ],
    source: given.source ?? 'reported',
    convention: 'openai.chat: cached is a subset of the total',
    rawUsage: {
      prompt_tokens: input + cached,
      completion_tokens: output,
      total_tokens: input + cached + output,
      prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
    },
    reportedCost: null,
    anomalies: [],
    metadata: given.metadata ?? null,
  };
}
