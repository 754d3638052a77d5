/** Every example of the reference works, and is answered with what the reference says. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALL_ROUTES } from '../../packages/server/src/api/all-routes.ts';
import { isEnvelope } from '../../packages/server/src/api/answer-kinds.ts';
import type { Endpoint } from '../../packages/server/src/api/endpoint.ts';
import { ask } from './ask.ts';
import { schemaCheck } from './schema-check.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const check = schemaCheck();
const EXAMPLES = Object.entries(ALL_ROUTES).flatMap(([key, endpoint]) =>
  endpoint.examples.map((example) => [key, example.name, endpoint, example] as const),
);

describe('every example works', () => {
  it.each(EXAMPLES)('%s: %s', async (key, _name, endpoint, example) => {
    const stop = new AbortController();
    const answer = await ask(world, key, endpoint, example, { signal: stop.signal });
    try {
      const status = statusOf(endpoint);
      if (answer.status !== status) expect([answer.status, await answer.text()]).toEqual([status, '']);
      expect(answer.headers.get('x-request-id')).toMatch(/./);
      await checkContent(key, endpoint, answer);
    } finally {
      stop.abort();
    }
  });
});

describe('every answer with an ETag', () => {
  const tagged = EXAMPLES.filter(([, , { etag = false }]) => etag);
  it.each(tagged)('%s: %s is not sent again to who has it', async (key, _name, endpoint, example) => {
    const [method = ''] = key.split(' ');
    const first = await ask(world, key, endpoint, example);
    await first.arrayBuffer();
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^W\/".+"$/);
    expect(first.headers.get('cache-control')).toContain('no-cache');
    const again = await fetch(first.url, {
      method,
      headers: {
        'if-none-match': `"other", ${etag}`,
        ...(endpoint.access === 'public' ? {} : { authorization: `Bearer ${world.keyFor(endpoint.access)}` }),
      },
    });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });
});

function statusOf({ answer, status = 200 }: Endpoint): number {
  return !isEnvelope(answer) && answer.kind === 'redirect' ? 303 : status;
}

async function checkContent(key: string, endpoint: Endpoint, answer: Response): Promise<void> {
  const type = answer.headers.get('content-type') ?? '';
  if (isEnvelope(endpoint.answer)) {
    const [method = '', url = ''] = key.split(' ', 2);
    const body: unknown = await answer.json();
    const pointer = [
      ...['paths', url.replace(/:(\w+)/g, '{$1}'), method.toLowerCase()],
      ...['responses', String(answer.status), 'content', 'application/json', 'schema'],
    ];
    expect(check.problems(pointer, body), JSON.stringify(body).slice(0, 2_000)).toEqual([]);
    return;
  }
  switch (endpoint.answer.kind) {
    case 'redirect':
      expect(answer.headers.get('location')).toMatch(/^\//);
      return;
    case 'events':
      expect(type).toContain('text/event-stream');
      return;
    case 'text':
      expect(type).toBe(endpoint.answer.type);
      expect(await answer.text()).not.toBe('');
      return;
    case 'stream':
      expect(endpoint.answer.types.some((one) => type.startsWith(one.replace(/;.*/, '')))).toBe(true);
      await answer.arrayBuffer();
  }
}
