import { expect, test } from 'vitest';
import { makeIdentity } from '../tenants/identity.ts';
import { readEvent } from './read-event.ts';
import { readResponseItem } from './read-response.ts';

const identity = makeIdentity({ keyId: 'key', role: 'member', tenantId: 'acme' });
const context = { identity, door: 'api' as const, defaults: {}, now: Date.UTC(2026, 10, 22) };
const usage = { prompt_tokens: 1, completion_tokens: 1 };
const event = (id: string) => ({ id, provider: 'openai', model: 'gpt-4o', usage });
const line = (id: string) => ({ id, provider: 'openai', format: 'json', body: { model: 'gpt-4o', usage } });

test.each(['.', '..'])('an id that no URL can name is refused: %s', (id) => {
  const refused = expect.objectContaining({ code: 'invalid_event', path: 'id' });
  expect(() => readEvent(event(id), context)).toThrowError(refused);
  expect(() => readResponseItem(line(id), context)).toThrowError(refused);
});

test.each(['...', '.a', 'a/../b', '%2e'])('an id that only looks like one is kept: %s', (id) => {
  expect(readEvent(event(id), context).id).toBe(id);
  expect(readResponseItem(line(id), context).id).toBe(id);
});
