/** The calls of OpenAI's API that many other providers offer too: https://platform.openai.com/docs/api-reference. */

import { BILLING_SETTINGS, ERROR_MARKS, NO_PROMPT, SSE } from '../description/defaults.ts';
import type {
  AnswerTexts,
  CallTexts,
  RequestForm,
  StreamForm,
  Surface,
} from '../description/provider-form.ts';

/** A server may answer one surface by another's stream, so all ends are looked for in all of them. */
export const OPENAI_ENDS = {
  data: ['[DONE]'],
  events: ['response.completed', 'response.incomplete', 'response.failed'],
  members: [],
} as const;

/** Usage comes unasked. */
export const OPENAI_STREAM: StreamForm = {
  framings: SSE,
  ends: OPENAI_ENDS,
  errors: ERROR_MARKS,
  usageOption: null,
};

/** Usage comes only on request, in a separate chunk. */
export const OPENAI_STREAM_ASKED: StreamForm = {
  ...OPENAI_STREAM,
  usageOption: { member: 'stream_options', option: 'include_usage' },
};

export const CHAT_REQUEST: RequestForm = {
  model: 'model',
  stream: 'stream',
  outputCaps: ['max_completion_tokens', 'max_tokens'],
  answers: 'n',
  settings: BILLING_SETTINGS,
};

/** A request whose answer has no length to cap. */
export const PLAIN_REQUEST: RequestForm = { ...CHAT_REQUEST, stream: null, outputCaps: [], answers: null };

const ATTACHMENTS = ['image_url', 'input_audio', 'file', 'file_id', 'file_data', 'file_url'];

const CHAT_ANSWER: AnswerTexts = {
  roots: ['choices'],
  words: [
    'content',
    'text',
    'reasoning_content',
    'reasoning',
    'refusal',
    'transcript',
    'arguments',
    'code',
    'name',
  ],
  calls: ['arguments'],
  repeats: [],
};

const CHAT_TEXTS: CallTexts = {
  prompt: {
    ...NO_PROMPT,
    messages: ['messages'],
    schemas: ['tools', 'functions', 'response_format'],
    attachments: ATTACHMENTS,
  },
  answer: CHAT_ANSWER,
};

const COMPLETION_TEXTS: CallTexts = {
  prompt: { ...NO_PROMPT, plain: ['prompt'] },
  answer: CHAT_ANSWER,
};

const RESPONSES_TEXTS: CallTexts = {
  prompt: {
    ...NO_PROMPT,
    instructions: ['instructions'],
    messages: ['input'],
    plain: ['prompt'],
    schemas: ['tools', 'text'],
    attachments: ATTACHMENTS,
    continues: ['previous_response_id', 'conversation'],
  },
  answer: { ...CHAT_ANSWER, roots: ['output', 'response'] },
};

const EMBEDDING_TEXTS: CallTexts = {
  prompt: { ...NO_PROMPT, messages: ['input'] },
  answer: { roots: [], words: [], calls: [], repeats: [] },
};

export const CHAT: Surface = {
  name: 'chat',
  operation: 'chat',
  paths: [{ path: 'chat/completions' }],
  request: CHAT_REQUEST,
  stream: OPENAI_STREAM_ASKED,
  texts: CHAT_TEXTS,
};

export const COMPLETIONS: Surface = {
  name: 'completions',
  operation: 'completion',
  paths: [{ path: 'completions' }],
  request: { ...CHAT_REQUEST, outputCaps: ['max_tokens'] },
  stream: OPENAI_STREAM_ASKED,
  texts: COMPLETION_TEXTS,
};

export const RESPONSES: Surface = {
  name: 'responses',
  operation: 'responses',
  paths: [{ path: 'responses' }],
  request: { ...CHAT_REQUEST, outputCaps: ['max_output_tokens'], answers: null },
  stream: OPENAI_STREAM,
  texts: RESPONSES_TEXTS,
};

/** Makes a conversation shorter; answers whole and is billed like a response. */
export const COMPACTION: Surface = {
  ...RESPONSES,
  name: 'responses.compact',
  paths: [{ path: 'responses/compact' }],
  request: { ...PLAIN_REQUEST },
  stream: null,
};

export const EMBEDDINGS: Surface = {
  name: 'embeddings',
  operation: 'embedding',
  paths: [{ path: 'embeddings' }],
  request: PLAIN_REQUEST,
  stream: null,
  texts: EMBEDDING_TEXTS,
};

export const IMAGES: Surface = {
  name: 'images',
  operation: 'image',
  paths: [{ path: 'images/generations' }, { path: 'images/edits' }, { path: 'images/variations' }],
  request: {
    ...PLAIN_REQUEST,
    stream: 'stream',
    answers: 'n',
    settings: [...BILLING_SETTINGS, 'size', 'quality'],
  },
  stream: OPENAI_STREAM,
  texts: null,
};

export const TRANSCRIPTION: Surface = {
  name: 'transcription',
  operation: 'transcription',
  paths: [{ path: 'audio/transcriptions' }, { path: 'audio/translations' }],
  request: { ...PLAIN_REQUEST, stream: 'stream' },
  stream: OPENAI_STREAM,
  texts: null,
};

/** Billed by the characters of `input`, which the answer does not repeat. */
export const SPEECH: Surface = {
  name: 'speech',
  operation: 'speech',
  paths: [{ path: 'audio/speech' }],
  request: PLAIN_REQUEST,
  stream: null,
  texts: null,
};

export const MODERATION: Surface = {
  name: 'moderation',
  operation: 'moderation',
  paths: [{ path: 'moderations' }],
  request: PLAIN_REQUEST,
  stream: null,
  texts: null,
};

/** All calls of OpenAI that are answered directly over HTTP. */
export const OPENAI_SURFACES: readonly Surface[] = [
  CHAT,
  COMPLETIONS,
  RESPONSES,
  COMPACTION,
  EMBEDDINGS,
  IMAGES,
  TRANSCRIPTION,
  SPEECH,
  MODERATION,
];
