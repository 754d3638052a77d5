/** Which path is answered by what, and in whose manner. */
import { countTokens, messages } from './anthropic-messages.ts';
import { chatCompletion } from './openai-chat.ts';
import { embeddings } from './openai-embeddings.ts';
import { responses } from './openai-responses.ts';
import type { Reply } from './reply.ts';
import type { FakeRequest } from './request.ts';

/** Whose error bodies and headers an answer has. */
export type Dialect = 'openai' | 'anthropic';

interface Route {
  readonly dialect: Dialect;
  readonly answer: (request: FakeRequest) => Reply;
}

const POST_ROUTES: Readonly<Record<string, Route>> = {
  '/v1/chat/completions': { dialect: 'openai', answer: chatCompletion },
  '/v1/responses': { dialect: 'openai', answer: responses },
  '/v1/embeddings': { dialect: 'openai', answer: embeddings },
  '/v1/messages': { dialect: 'anthropic', answer: messages },
  '/v1/messages/count_tokens': { dialect: 'anthropic', answer: countTokens },
};

const MODELS = [
  'gpt-4o-mini',
  'gpt-4o',
  'gpt-5-mini',
  'text-embedding-3-small',
  'claude-sonnet-4-6',
  'claude-haiku-4-5',
];

/** The route of a POST, or nothing. */
export function postRoute(path: string): Route | undefined {
  return Object.hasOwn(POST_ROUTES, path) ? POST_ROUTES[path] : undefined;
}

/** Answers to the GETs that clients make; nothing for other paths. */
export function getAnswer(path: string, dialect: Dialect, created: number): unknown {
  if (path === '/v1/files') return { object: 'list', data: [], has_more: false };
  if (path !== '/v1/models') return undefined;
  if (dialect === 'openai') {
    return {
      object: 'list',
      data: MODELS.map((id) => ({ id, object: 'model', created, owned_by: 'farthing-fake' })),
    };
  }
  const data = MODELS.filter((id) => id.startsWith('claude')).map((id) => ({
    type: 'model',
    id,
    display_name: id,
    created_at: new Date(created * 1000).toISOString(),
  }));
  return { data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
}
