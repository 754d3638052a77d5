/** OpenAI images, transcription and speech: tokens by modality, or seconds, or (older models) nothing at all. */

import { get, getArray, getCount, getName, getObject, hasAny } from '../../json/members.ts';
import { disjoint, LARGEST_QUANTITY, tokenTotals } from '../../usage/quantities.ts';
import type { Anomaly, JsonObject } from '../../usage/usage.ts';
import type { EventFold, ReadContext, Reading, Shape } from '../description/shape.ts';
import { readEnvelope, readReportedCost, withoutUsage } from '../fields/envelope.ts';

const COUNTED = ['input_tokens', 'output_tokens'];

export const openaiImages: Shape = {
  id: 'openai.images',
  operation: 'image',
  surfaces: ['image', 'images'],
  path: /\/images\/(generations|edits|variations)$/,
  recognises: (body) => IMAGE_EVENT.test(getName(body, 'type') ?? ''),
  recognisesUsage: (usage) => hasAny(usage, COUNTED) && !hasAny(usage, ['billed_units']),
  read: (body, context) => readMedia(body, context, 'image'),
  fold: foldMedia,
};

export const openaiTranscription: Shape = {
  id: 'openai.transcription',
  operation: 'transcription',
  surfaces: ['transcription', 'transcriptions'],
  path: /\/audio\/(transcriptions|translations)$/,
  recognises: (body) => TRANSCRIPT_EVENT.test(getName(body, 'type') ?? ''),
  recognisesUsage: (usage) => hasAny(usage, [...COUNTED, 'seconds']),
  read: (body, context) => readMedia(body, context, 'transcription'),
  fold: foldMedia,
};

/** Speech reports usage only as events; a file of audio reports none, and older models bill its characters. */
export const openaiSpeech: Shape = {
  id: 'openai.speech',
  operation: 'speech',
  surfaces: ['speech'],
  path: /\/audio\/speech$/,
  recognises: (body) => SPEECH_EVENT.test(getName(body, 'type') ?? ''),
  recognisesUsage: () => false,
  read: readSpeech,
  fold: foldMedia,
};

const IMAGE_EVENT = /^image_(generation|edit)\./;
const TRANSCRIPT_EVENT = /^transcri(pt|ption)\./;
const SPEECH_EVENT = /^speech\.audio\./;

function readSpeech(body: JsonObject, context: ReadContext): Reading {
  const read = readMedia(body, context, 'speech');
  if (read.source !== 'none') return read;
  const spoken = get(context.request, 'input');
  const characters = typeof spoken === 'string' && /^tts-/.test(context.requestModel ?? '') ? spoken : null;
  if (characters === null) return read;
  const quantities = { characters_in: [...characters].length };
  return {
    ...read,
    segments: [{ model: null, quantities, contextTokens: 0 }],
    source: 'estimated',
    convention: 'openai.speech: billed by the characters of the request',
  };
}

/** The event that closes the stream has the usage. */
function foldMedia(): EventFold {
  let last: JsonObject = {};
  return {
    matters: (text) => text.includes('"usage"'),
    add(event) {
      if (getObject(event, 'usage') !== null) last = event;
    },
    finish: () => ({ body: last, end: getObject(last, 'usage') === null ? 'partial' : 'final' }),
  };
}

type Kind = 'image' | 'transcription' | 'speech';

function readMedia(body: JsonObject, context: ReadContext, kind: Kind): Reading {
  const operation = context.operation ?? kind;
  const empty = withoutUsage(body, operation, `openai.${kind}: no usage`);
  const usage = getObject(body, 'usage');
  if (usage === null || !hasAny(usage, ['input_tokens', 'output_tokens', 'seconds'])) {
    const read = kind === 'image' ? readPictures : kind === 'transcription' ? readDuration : null;
    return read?.(body, context, empty) ?? empty;
  }
  const anomalies: Anomaly[] = [];
  const reported = {
    source: 'reported',
    rawUsage: usage,
    reportedCost: readReportedCost(usage, anomalies),
  } as const;
  const seconds = get(usage, 'seconds');
  if (typeof seconds === 'number' && seconds >= 0 && seconds <= LARGEST_QUANTITY) {
    return {
      ...empty,
      ...reported,
      segments: [{ model: null, quantities: { audio_seconds_in: seconds }, contextTokens: 0 }],
      convention: `openai.${kind}: billed by duration`,
      anomalies,
    };
  }
  const details = getObject(usage, 'input_tokens_details') ?? getObject(usage, 'input_token_details');
  const made = getArray(body, 'data').length;
  const cut = disjoint([
    {
      name: 'input',
      total: getCount(usage, 'input_tokens', anomalies),
      rest: 'input_uncached',
      parts: {
        input_image: getCount(details, 'image_tokens', anomalies),
        input_audio: getCount(details, 'audio_tokens', anomalies),
        input_cache_read: getCount(details, 'cached_tokens', anomalies),
      },
    },
    outputOf(usage, kind, anomalies),
  ]);
  return {
    ...readEnvelope(body),
    ...empty,
    ...reported,
    segments: [{ model: null, quantities: cut.quantities, contextTokens: tokenTotals(cut.quantities).input }],
    convention: `openai.${kind}: modalities are subsets of their totals${made > 1 ? `; ${made} results` : ''}`,
    anomalies: [...anomalies, ...cut.anomalies],
  };
}

/**
 * DALL-E reports no usage: each picture has a price by its size and quality, which only the request states. Each such
 * price is a model of its own, `dall-e-3/hd/1024x1792`. If the request is not known, the size is not guessed.
 */
function readPictures(body: JsonObject, context: ReadContext, empty: Reading): Reading | null {
  const model = context.requestModel ?? '';
  const images = getArray(body, 'data').length;
  if (!/^dall-e-[23]$/.test(model) || images === 0) return null;
  const { request } = context;
  const size = getName(request, 'size') ?? '1024x1024';
  const kind = request === undefined ? '' : `${get(request, 'quality') === 'hd' ? '/hd' : ''}/${size}`;
  return {
    ...empty,
    model,
    segments: [{ model: `${model}${kind}`, quantities: { images }, contextTokens: 0 }],
    source: 'reported',
    convention: 'openai.image: billed by the pictures, at their size and quality',
  };
}

/** A transcript with its details says how long the audio was, which is what older models bill. */
function readDuration(body: JsonObject, _context: ReadContext, empty: Reading): Reading | null {
  const seconds = get(body, 'duration');
  if (typeof seconds !== 'number' || !(seconds > 0 && seconds <= LARGEST_QUANTITY)) return null;
  return {
    ...empty,
    segments: [{ model: null, quantities: { audio_seconds_in: seconds }, contextTokens: 0 }],
    source: 'reported',
    convention: 'openai.transcription: billed by the duration that the transcript states',
  };
}

function outputOf(usage: JsonObject, kind: Kind, anomalies: Anomaly[]) {
  const details = getObject(usage, 'output_tokens_details');
  const total = getCount(usage, 'output_tokens', anomalies);
  return kind === 'image'
    ? ({
        name: 'output',
        total,
        rest: 'output_image',
        parts: { output_text: getCount(details, 'text_tokens', anomalies) },
      } as const)
    : ({
        name: 'output',
        total,
        rest: kind === 'speech' ? 'output_audio' : 'output_text',
        parts: {},
      } as const);
}
