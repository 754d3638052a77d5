/** What the ingest benchmark sends: made-up calls of the last two hours by 20 agents, 5 projects, 100
 * users and 40 workflows, with two tags each. */
import { randomUUID } from 'node:crypto';

const MODELS = ['gpt-4o', 'gpt-4o-mini', 'gpt-5', 'o3', 'text-embedding-3-small'];

/** Events as the SDK sends them: attribution and the provider's own usage object, no content. */
export function benchEvents(count: number, until: number): readonly object[] {
  return Array.from({ length: count }, (_, index) => {
    const input = 200 + ((index * 31) % 9000);
    const output = 20 + ((index * 13) % 900);
    return {
      id: randomUUID(),
      time: new Date(until - ((index * 7919) % 7_200_000)).toISOString(),
      provider: 'openai',
      model: MODELS[index % MODELS.length],
      operation: 'chat',
      agent: `agent-${index % 20}`,
      project: `project-${index % 5}`,
      user: `user-${(index * 7) % 100}`,
      environment: index % 4 === 0 ? 'staging' : 'production',
      workflow: `workflow-${(index * 3) % 40}`,
      task: `task-${index % 300}`,
      session: `session-${Math.floor(index / 8)}`,
      request_id: `req-${index}`,
      tags: { team: `team-${index % 8}`, feature: `feature-${(index * 11) % 30}` },
      latency_ms: 400 + (index % 3000),
      status: 'ok',
      usage: {
        prompt_tokens: input,
        completion_tokens: output,
        total_tokens: input + output,
        prompt_tokens_details: { cached_tokens: Math.min(input, (index * 17) % 4000), audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: index % output, audio_tokens: 0 },
      },
    };
  });
}

/** The same as request bodies of `batch` events each. */
export function bodies(events: readonly object[], batch: number): Buffer[] {
  const cut: Buffer[] = [];
  for (let from = 0; from < events.length; from += batch) {
    cut.push(Buffer.from(JSON.stringify(events.slice(from, from + batch))));
  }
  return cut;
}
