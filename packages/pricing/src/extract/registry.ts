/** Which shape a response has: the body's own word first, then what the caller says, then its usage fields. */
import type { JsonObject } from '../usage.ts';
import { anthropicCompletion } from './anthropic-completion.ts';
import { anthropicMessages } from './anthropic-messages.ts';
import { getObject, hasAny } from './json.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiEmbeddings } from './openai-embeddings.ts';
import { openaiImages, openaiTranscription } from './openai-media.ts';
import { openaiResponses } from './openai-responses.ts';
import { openaiRuns } from './openai-runs.ts';
import type { ExtractHint, Shape } from './shape.ts';

/** Every known shape; an earlier one is asked first. */
export const SHAPES: readonly Shape[] = [
  openaiRuns,
  openaiEmbeddings,
  openaiChat,
  openaiResponses,
  anthropicMessages,
  anthropicCompletion,
  openaiImages,
  openaiTranscription,
];

/** Where forms that are not known here keep their usage: such a body is not one without usage. */
const USAGE_ELSEWHERE = ['usageMetadata', 'usage_metadata', 'meta', 'metadata_usage', 'prompt_eval_count'];

/** The shape of a body, or null where none fits. */
export function shapeOfBody(body: JsonObject, hint: ExtractHint): Shape | null {
  const own = SHAPES.find((shape) => shape.recognises(body));
  if (own !== undefined) return own;
  const usage = getObject(body, 'usage');
  const told = shapeOfHint(hint);
  if (usage === null) return hasAny(body, USAGE_ELSEWHERE) ? null : told;
  if (told?.recognisesUsage(usage) === true) return told;
  return shapeOfUsage(usage);
}

/** The shape whose fields stand in a bare usage object. */
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

/** The path of a URL, without query and trailing slash. */
export function pathOf(url: string | undefined): string | null {
  if (url === undefined || !URL.canParse(url)) return null;
  return new URL(url).pathname.replace(/\/+$/, '');
}
