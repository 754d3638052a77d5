/** A trickle of calls through the demo's own gateway, so that the dashboard has something to show arriving. */
import { randomInt } from 'node:crypto';
import { DEMO_TENANTS, type DemoAgent, type DemoModel } from './synthetic/cast.ts';
import { weighted } from './synthetic/random.ts';

/** Longest and shortest pause between two calls. */
const PAUSE_MS = { from: 2_500, to: 9_000 } as const;

export interface DemoTraffic {
  stop(): void;
}

/** Starts calling; a call that fails is left out, the demo goes on. */
export function startTraffic(server: { readonly url: string; readonly key: string }): DemoTraffic {
  const stopped = new AbortController();
  const next = () => {
    const timer = setTimeout(
      async () => {
        await callOnce(server, stopped.signal).catch(() => undefined);
        if (!stopped.signal.aborted) next();
      },
      randomInt(PAUSE_MS.from, PAUSE_MS.to),
    );
    timer.unref();
    stopped.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  };
  next();
  return { stop: () => stopped.abort() };
}

async function callOnce(
  server: { readonly url: string; readonly key: string },
  signal: AbortSignal,
): Promise<void> {
  const tenant = pick(DEMO_TENANTS);
  const agent = pick(tenant.agents);
  const model = weighted(agent.models, Math.random);
  const { path, headers, body } = REQUESTS[model.style](model, agent);
  const response = await fetch(server.url + path, {
    method: 'POST',
    signal,
    headers: {
      ...headers,
      'content-type': 'application/json',
      'x-farthing-key': server.key,
      'x-farthing-tenant': tenant.id,
      'x-farthing-project': agent.project,
      'x-farthing-agent': agent.name,
      'x-farthing-environment': 'production',
      'x-farthing-tags': 'synthetic=true',
    },
    body: JSON.stringify(body),
  });
  await response.arrayBuffer();
}

interface DemoRequest {
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: object;
}

const REQUESTS: Record<DemoModel['style'], (model: DemoModel, agent: DemoAgent) => DemoRequest> = {
  openai: ({ model }, agent) => ({
    path: '/gateway/openai/v1/chat/completions',
    headers: { authorization: 'Bearer demo' },
    body: { model, stream: true, messages: [{ role: 'user', content: question(agent) }] },
  }),
  anthropic: ({ model }, agent) => ({
    path: '/gateway/anthropic/v1/messages',
    headers: { 'x-api-key': 'demo', 'anthropic-version': '2023-06-01' },
    body: { model, max_tokens: 1_024, stream: true, messages: [{ role: 'user', content: question(agent) }] },
  }),
  embedding: ({ model }, agent) => ({
    path: '/gateway/openai/v1/embeddings',
    headers: { authorization: 'Bearer demo' },
    body: { model, input: question(agent) },
  }),
};

function question(agent: DemoAgent): string {
  return `${agent.name} ${randomInt(1_000_000)}: ${'what does this cost, and who pays for it? '.repeat(randomInt(1, 120))}`;
}

function pick<Choice>(choices: readonly Choice[]): Choice {
  const choice = choices[randomInt(choices.length)];
  if (choice === undefined) throw new RangeError('there is nothing to choose from');
  return choice;
}
