/** The events of one synthetic day, as a caller would send them. The same day gives the same events. */

import type { UsageEventInput } from '@farthing/contract';
import { DAY_MS } from '@farthing/server';
import {
  DEMO_TENANTS,
  type DemoAgent,
  type DemoModel,
  type DemoTenant,
  SPIKE,
  type UsageStyle,
} from './cast.ts';
import { around, randomFrom, weighted } from './random.ts';

/** Calls per hour of a working day, from midnight; sums to about one. */
const HOURS = [1, 1, 1, 1, 1, 2, 3, 5, 8, 10, 11, 10, 8, 9, 11, 11, 10, 8, 6, 4, 3, 2, 2, 1].map(
  (weight, hour) => ({ hour, weight }),
);
/** Sunday first. */
const WEEKDAYS = [0.25, 1, 1.1, 1.15, 1.1, 0.95, 0.3] as const;
/** How much smaller the first of the ninety days is than the last. */
const GROWTH = 0.55;
const SPAN_DAYS = 90;

/**
 * All events of a UTC day, in order of time.
 *
 * @param day Unix milliseconds of its midnight
 * @param today the same of the day on which the demo runs: the data ends there, and the spike lies before it
 */
export function syntheticDay(day: number, today: number): UsageEventInput[] {
  const events = DEMO_TENANTS.flatMap((tenant) =>
    tenant.agents.flatMap((agent) => agentDay(tenant, agent, day, today)),
  );
  return events.sort((a, b) => (a.time ?? '').localeCompare(b.time ?? ''));
}

function agentDay(tenant: DemoTenant, agent: DemoAgent, day: number, today: number): UsageEventInput[] {
  const date = new Date(day).toISOString().slice(0, 10);
  const random = randomFrom(`${date}/${tenant.id}/${agent.name}`);
  const daysAgo = Math.round((today - day) / DAY_MS);
  const size = 1 - GROWTH * Math.min(1, daysAgo / SPAN_DAYS);
  const calls = Math.round(
    agent.callsPerDay * size * (WEEKDAYS[new Date(day).getUTCDay()] ?? 1) * (0.85 + random() * 0.3),
  );
  const events = Array.from({ length: calls }, (_, index) =>
    event({
      tenant,
      agent,
      id: `demo-${date}-${agent.name}-${index}`,
      at: timeOfDay(day, random),
      inputTokens: agent.inputTokens,
      random,
    }),
  );
  const spikes = tenant.id === SPIKE.tenant && agent.name === SPIKE.agent && daysAgo === SPIKE.daysAgo;
  return spikes ? [...events, ...spike(tenant, agent, day, random)] : events;
}

function spike(tenant: DemoTenant, agent: DemoAgent, day: number, random: () => number): UsageEventInput[] {
  const hours = SPIKE.toHour - SPIKE.fromHour;
  return Array.from({ length: SPIKE.calls }, (_, index) =>
    event({
      tenant,
      agent,
      random,
      id: `demo-spike-${new Date(day).toISOString().slice(0, 10)}-${index}`,
      at: day + Math.floor((SPIKE.fromHour + random() * hours) * 3_600_000),
      inputTokens: SPIKE.inputTokens,
      only: { provider: 'openai', model: 'gpt-5', style: 'openai', weight: 1 },
      workflow: 'wf-retry-loop',
    }),
  );
}

function timeOfDay(day: number, random: () => number): number {
  return day + Math.floor((weighted(HOURS, random).hour + random()) * 3_600_000);
}

interface Call {
  readonly tenant: DemoTenant;
  readonly agent: DemoAgent;
  readonly id: string;
  readonly at: number;
  readonly inputTokens: number;
  readonly random: () => number;
  readonly only?: DemoModel;
  readonly workflow?: string;
}

function event({ tenant, agent, id, at, inputTokens, random, only, workflow }: Call): UsageEventInput {
  const model = only ?? weighted(agent.models, random);
  const input = around(inputTokens, random);
  const output = agent.outputTokens === 0 ? 0 : around(agent.outputTokens, random);
  const cached = random() < 0.75 ? Math.round(input * agent.cached) : 0;
  return {
    id,
    time: new Date(at).toISOString(),
    tenant: tenant.id,
    provider: model.provider,
    model: model.model,
    operation: model.style === 'embedding' ? 'embedding' : 'chat',
    usage: USAGE[model.style](input, cached, output, random),
    project: agent.project,
    environment: 'production',
    agent: agent.name,
    user: `user-${1 + Math.floor(random() * 40)}`,
    workflow: workflow ?? `wf-${1 + Math.floor(random() * 400)}`,
    latency_ms: around(900 + output * 9, random),
    tags: { synthetic: 'true' },
  };
}

/** Usage objects as the providers write them: cache inside the prompt at OpenAI, beside it at Anthropic. */
const USAGE: Record<
  UsageStyle,
  (input: number, cached: number, output: number, random: () => number) => Record<string, unknown>
> = {
  openai: (input, cached, output, random) => ({
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: Math.floor(output * random() * 0.6) },
  }),
  anthropic: (input, cached, output, random) => {
    const written = cached > 0 && random() < 0.2 ? Math.round(cached * 0.3) : 0;
    return {
      input_tokens: input - cached,
      cache_read_input_tokens: cached - written,
      cache_creation_input_tokens: written,
      cache_creation: { ephemeral_5m_input_tokens: written, ephemeral_1h_input_tokens: 0 },
      output_tokens: output,
      service_tier: 'standard',
    };
  },
  embedding: (input) => ({ prompt_tokens: input, total_tokens: input }),
};
