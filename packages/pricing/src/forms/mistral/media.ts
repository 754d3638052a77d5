/** Mistral's OCR (pages) and transcription (seconds). OCR is written from its API description: unverified. */

import { get, getCount, getObject, hasAny } from '../../json/members.ts';
import { disjoint } from '../../usage/quantities.ts';
import type { Anomaly, JsonObject } from '../../usage/usage.ts';
import type { ReadContext, Reading, Shape } from '../description/shape.ts';
import { withoutUsage } from '../fields/envelope.ts';

export const mistralOcr: Shape = {
  id: 'mistral.ocr',
  operation: 'ocr',
  surfaces: ['ocr'],
  path: /\/ocr$/,
  recognises: (body) => hasAny(getObject(body, 'usage_info') ?? {}, ['pages_processed']),
  recognisesUsage: (usage) => hasAny(usage, ['pages_processed']),
  read: readOcr,
  fold: null,
};

export const mistralTranscription: Shape = {
  id: 'mistral.transcription',
  operation: 'transcription',
  surfaces: ['mistral.transcription'],
  path: /$^/,
  recognises: (body) =>
    typeof get(body, 'text') === 'string' && hasAny(getObject(body, 'usage') ?? {}, ['prompt_audio_seconds']),
  recognisesUsage: () => false,
  read: readTranscription,
  fold: null,
};

/** Pages with annotations have a price of their own: they are annotated where the request or answer says so. */
function readOcr(body: JsonObject, context: ReadContext): Reading {
  const empty = withoutUsage(body, context.operation ?? 'ocr', 'mistral.ocr: no usage');
  const usage = getObject(body, 'usage_info') ?? getObject(body, 'usage');
  if (usage === null) return empty;
  const anomalies: Anomaly[] = [];
  const annotated =
    hasAny(context.request ?? {}, ['document_annotation_format', 'bbox_annotation_format']) ||
    hasAny(body, ['document_annotation']);
  const cut = disjoint([
    {
      name: 'pages',
      total: getCount(usage, 'pages_processed', anomalies),
      rest: annotated ? 'pages_annotated' : 'pages',
      parts: {},
    },
  ]);
  return {
    ...empty,
    segments: [{ model: null, quantities: cut.quantities, contextTokens: 0 }],
    source: 'reported',
    rawUsage: usage,
    convention: 'mistral.ocr: billed by page, annotated pages apart (unverified)',
    anomalies: [...anomalies, ...cut.anomalies],
  };
}

/** Transcription is billed by the length of the audio; the tokens beside it are the text it became. */
function readTranscription(body: JsonObject, context: ReadContext): Reading {
  const empty = withoutUsage(body, context.operation ?? 'transcription', 'mistral.transcription: no usage');
  const usage = getObject(body, 'usage');
  const seconds = get(usage, 'prompt_audio_seconds');
  const cut = disjoint([
    {
      name: 'audio',
      total: typeof seconds === 'number' ? seconds : null,
      rest: 'audio_seconds_in',
      parts: {},
    },
  ]);
  if (usage === null || Object.keys(cut.quantities).length === 0)
    return { ...empty, anomalies: cut.anomalies };
  return {
    ...empty,
    segments: [{ model: null, quantities: cut.quantities, contextTokens: 0 }],
    source: 'reported',
    rawUsage: usage,
    convention: 'mistral.transcription: billed by duration; its tokens are not',
    anomalies: cut.anomalies,
  };
}
