/** The calls of Gemini, which Vertex offers below a path of its own: https://ai.google.dev/api. */
import { NO_PROMPT, SSE } from '../description/defaults.ts';
import type { RequestForm, StreamForm, Surface, SurfacePath } from '../description/provider-form.ts';

/** No event ends a stream. Without `?alt=sse` it is one JSON list. */
const GEMINI_STREAM: StreamForm = {
  framings: { 'text/event-stream': 'sse', 'application/json': 'json_array' },
  ends: null,
  errors: { data: [], events: [], members: ['error'] },
  usageOption: null,
};

const REQUEST: RequestForm = {
  model: null,
  stream: null,
  outputCaps: ['generationConfig.maxOutputTokens'],
  answers: 'generationConfig.candidateCount',
  settings: ['serviceTier'],
};

/** @param before the part before `models/`, with its slash */
export function geminiSurfaces(before: string): readonly Surface[] {
  const path = (verb: string, streams: boolean): SurfacePath => ({
    path: `${before}models/{model}:${verb}`,
    streams,
  });
  const generate: Surface = {
    name: 'generatecontent',
    operation: 'chat',
    paths: [path('generateContent', false)],
    request: REQUEST,
    // Only the path of a stream makes a list of an answer in JSON.
    stream: null,
    texts: {
      prompt: {
        ...NO_PROMPT,
        instructions: ['systemInstruction'],
        messages: ['contents'],
        schemas: ['tools', 'toolConfig'],
        attachments: ['inline_data', 'inlineData', 'fileData'],
      },
      answer: { roots: ['candidates'], words: ['text', 'name'], calls: ['args'], repeats: [] },
    },
  };
  return [
    generate,
    {
      ...generate,
      name: 'streamgeneratecontent',
      paths: [path('streamGenerateContent', true)],
      stream: GEMINI_STREAM,
    },
    {
      ...generate,
      name: 'embedcontent',
      operation: 'embedding',
      paths: [path('embedContent', false), path('batchEmbedContents', false)],
      request: { ...REQUEST, outputCaps: [], answers: null },
      texts: null,
    },
    {
      ...generate,
      name: 'predict',
      operation: 'embedding',
      paths: [path('predict', false)],
      request: { ...REQUEST, outputCaps: [], answers: null },
      texts: null,
    },
  ];
}

/** One call that may run several models and tools; its stream ends by an event. */
export const INTERACTIONS: Surface = {
  name: 'interactions',
  operation: 'chat',
  paths: [{ path: 'interactions' }],
  request: {
    model: 'model',
    stream: 'stream',
    outputCaps: ['generation_config.max_output_tokens'],
    answers: null,
    settings: ['service_tier'],
  },
  stream: {
    framings: SSE,
    ends: null,
    errors: { data: [], events: ['error'], members: ['error'] },
    usageOption: null,
  },
  texts: null,
};
