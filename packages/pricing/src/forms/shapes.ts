/** Which shape a response has: the body's own word first, then what the caller says, then its usage fields. */

import { getObject, hasAny } from '../json/members.ts';
import type { JsonObject } from '../usage/usage.ts';
import { anthropicCompletion } from './anthropic/completion.ts';
import { anthropicMessages } from './anthropic/messages.ts';
import { bedrockConverse } from './bedrock/converse.ts';
import { bedrockInvoke } from './bedrock/invoke.ts';
import { cohereUsage } from './cohere/usage.ts';
import type { ExtractHint, Shape } from './description/shape.ts';
import { pathOf } from './description/url.ts';
import { geminiEmbeddings } from './gemini/embeddings.ts';
import { geminiGenerateContent } from './gemini/generate-content.ts';
import { geminiInteractions } from './gemini/interactions.ts';
import { geminiLive } from './gemini/live.ts';
import { aiSdk } from './libraries/ai-sdk.ts';
import { langchain } from './libraries/langchain.ts';
import { langchainResult, langchainRun } from './libraries/langchain-runs.ts';
import { mistralOcr, mistralTranscription } from './mistral/media.ts';
import { ollama } from './ollama/ollama.ts';
import { openaiChat } from './openai/chat.ts';
import { openaiEmbeddings } from './openai/embeddings.ts';
import { openaiImages, openaiSpeech, openaiTranscription } from './openai/media.ts';
import { openaiModeration } from './openai/moderation.ts';
import { openaiRealtime } from './openai/realtime.ts';
import { openaiResponses } from './openai/responses.ts';
import { openaiRuns } from './openai/runs.ts';
import { alephAlpha, textGeneration } from './text-generation/text-generation.ts';
import { watsonx } from './watsonx/watsonx.ts';

/** Every known shape; an earlier one is asked first. */
export const SHAPES: readonly Shape[] = [
  openaiRealtime,
  openaiModeration,
  openaiRuns,
  openaiEmbeddings,
  mistralTranscription,
  mistralOcr,
  openaiChat,
  langchain,
  langchainResult,
  langchainRun,
  openaiResponses,
  aiSdk,
  anthropicMessages,
  anthropicCompletion,
  cohereUsage,
  geminiLive,
  geminiGenerateContent,
  geminiInteractions,
  geminiEmbeddings,
  bedrockConverse,
  bedrockInvoke,
  ollama,
  watsonx,
  textGeneration,
  alephAlpha,
  openaiImages,
  openaiTranscription,
  openaiSpeech,
];

/** Where other forms keep their usage: a body that has it is not one of these without usage. */
const USAGE_ELSEWHERE = ['usageMetadata', 'usage_metadata', 'meta', 'metadata_usage', 'prompt_eval_count'];

/** The shape of a body, or null where none fits. */
export function shapeOfBody(body: JsonObject, hint: ExtractHint): Shape | null {
  const own = SHAPES.find((shape) => shape.recognises(body));
  if (own !== undefined) return own;
  const usage = getObject(body, 'usage');
  const told = shapeOfHint(hint);
  if (usage === null) {
    const astray = /^(openai|anthropic)/.test(told?.id ?? 'openai') && hasAny(body, USAGE_ELSEWHERE);
    return astray ? null : told;
  }
  if (told?.recognisesUsage(usage) === true) return told;
  return shapeOfUsage(usage);
}

/** The shape whose fields a bare usage object has. */
export function shapeOfUsage(usage: JsonObject): Shape | null {
  return SHAPES.find((shape) => shape.recognisesUsage(usage)) ?? null;
}

/** The shape that the caller's surface or URL names. */
export function shapeOfHint(hint: ExtractHint): Shape | null {
  const surface = hint.surface?.toLowerCase();
  if (surface !== undefined) {
    const named = SHAPES.find((shape) => shape.surfaces.includes(surface));
    if (named !== undefined) return named;
  }
  const path = pathOf(hint.url);
  return path === null ? null : (SHAPES.find((shape) => shape.path.test(path)) ?? null);
}
