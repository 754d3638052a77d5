/** A small ledger for the dashboard's tests: three months, two tenants, several models, one model without a price. */
import type { UsageEventInput } from '@farthing/contract';

const DAY_MS = 86_400_000;
const MODELS = ['gpt-5', 'gpt-5-mini', 'gpt-4o-mini', 'text-embedding-3-small'] as const;
const AGENTS = ['crawler', 'support-bot', 'code-reviewer'] as const;

/** What {@link ledgerSample} leaves without a price. */
export const UNPRICED_MODEL = 'acme-internal-13b';
export const UNPRICED_EVENTS = 3;

/** Events of the 75 days before `now`, the same for the same `now`; the newest is a minute old. */
export function ledgerSample(now: number): UsageEventInput[] {
  const priced = Array.from({ length: 225 }, (_, index) => sampleEvent(index, now));
  const unpriced = Array.from({ length: UNPRICED_EVENTS }, (_, index) => ({
    ...sampleEvent(index * 2, now),
    id: `unpriced-${index}`,
    model: UNPRICED_MODEL,
    time: new Date(now - (2 * index + 1) * DAY_MS).toISOString(),
  }));
  return [...priced, ...unpriced];
}

function sampleEvent(index: number, now: number): UsageEventInput {
  const daysAgo = index / 3;
  const model = MODELS[index % MODELS.length] ?? 'gpt-5';
  const embedding = model.startsWith('text-embedding');
  const prompt = 900 + ((index * 733) % 40_000);
  const completion = embedding ? 0 : 40 + ((index * 137) % 2_000);
  return {
    id: `sample-${index}`,
    time: new Date(now - 60_000 - Math.floor(daysAgo * DAY_MS)).toISOString(),
    tenant: index % 5 === 0 ? 'globex' : 'acme',
    provider: 'openai',
    model,
    operation: embedding ? 'embedding' : 'chat',
    project: index % 2 === 0 ? 'search' : 'support',
    agent: AGENTS[index % AGENTS.length] ?? 'crawler',
    latency_ms: 100 + index,
    ...(index % 40 === 7 ? { status: 'error' as const } : {}),
    usage: embedding
      ? { prompt_tokens: prompt, total_tokens: prompt }
      : {
          prompt_tokens: prompt,
          completion_tokens: completion,
          total_tokens: prompt + completion,
          prompt_tokens_details: { cached_tokens: Math.floor(prompt / 4) },
        },
  };
}
