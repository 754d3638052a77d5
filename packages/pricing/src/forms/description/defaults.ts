/** Parts that many descriptions share. */
import type { PromptTexts } from './provider-form.ts';

/** Settings that OpenAI's or Anthropic's prices depend on; each provider ignores the other's. */
export const BILLING_SETTINGS = ['service_tier', 'speed', 'inference_geo'] as const;

/** Error reports as OpenAI and Anthropic send them. */
export const ERROR_MARKS = { data: [], events: ['error'], members: ['error'] } as const;

/** Server-sent events and nothing else. */
export const SSE = { 'text/event-stream': 'sse' } as const;

/** Nothing to read: for descriptions of texts to begin with. */
export const NO_PROMPT: PromptTexts = {
  instructions: [],
  messages: [],
  plain: [],
  schemas: [],
  attachments: [],
  continues: [],
};
