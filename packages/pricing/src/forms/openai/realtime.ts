/**
 * Realtime sessions of OpenAI and xAI: every `response.done` has the usage of that response, the session is
 * their sum. Transcription of what was heard is done by a second model and billed apart.
 * OpenAI counts the whole context of each response and caches audio; xAI counts only what is new.
 */

import { get, getArray, getCount, getName, getObject, hasAny, isObject } from '../../json/members.ts';
import type { Quantities } from '../../usage/meters.ts';
import { disjoint, mergeSegments, tokenTotals } from '../../usage/quantities.ts';
import type { Anomaly, Json, JsonObject, UsageSegment } from '../../usage/usage.ts';
import type { EventFold, ReadContext, Reading, Shape } from '../description/shape.ts';
import { withoutUsage } from '../fields/envelope.ts';
import { EventList } from '../fields/event-list.ts';

const HEARD = 'conversation.item.input_audio_transcription.completed';
/** Usage objects kept verbatim; longer sessions are counted whole. */
const KEPT = 100;

export const openaiRealtime: Shape = {
  id: 'openai.realtime',
  operation: 'realtime',
  surfaces: ['realtime'],
  path: /\/realtime$/,
  recognises: (body) => isRealtimeEvent(body) || getName(body, 'object') === 'realtime.session',
  recognisesUsage: () => false,
  read: readSession,
  fold: foldSession,
};

function isRealtimeEvent(event: JsonObject): boolean {
  const type = getName(event, 'type') ?? '';
  if (/^(session|transcription_session|conversation|input_audio_buffer)\./.test(type)) return true;
  if (!type.startsWith('response.')) return false;
  const object = getName(getObject(event, 'response'), 'object') ?? '';
  return object.startsWith('realtime') || (type === 'response.done' && object !== 'response');
}

function readSession(body: JsonObject, context: ReadContext): Reading {
  const session = Array.isArray(get(body, 'responses')) ? body : folded(body);
  const model = getName(session, 'model') ?? context.requestModel ?? null;
  const empty = {
    ...withoutUsage({}, context.operation ?? 'realtime', 'openai.realtime: no usage'),
    model,
    responseId: getName(session, 'id'),
  };
  const anomalies: Anomaly[] = [];
  const spoken = getArray(session, 'responses').filter(isObject);
  const heard = getArray(session, 'transcriptions').filter(isObject);
  const segments = [
    ...merged(
      spoken.map((usage) => readResponseUsage(usage, anomalies)),
      null,
    ),
    ...merged(
      heard.map((usage) => readHeard(usage, anomalies)),
      getName(session, 'transcription_model') ?? 'unknown-transcription-model',
    ),
  ];
  if (segments.length === 0) return empty;
  return {
    ...empty,
    segments,
    source: 'reported',
    rawUsage: [...spoken, ...heard].slice(-KEPT),
    convention:
      'openai.realtime: responses are summed; modalities and cached are subsets; transcription apart',
    anomalies: [...new Map(anomalies.map((anomaly) => [anomaly.code, anomaly])).values()],
  };
}

function folded(event: JsonObject): JsonObject {
  const fold = foldSession();
  fold.add(event);
  return fold.finish(false).body;
}

function merged(segments: readonly UsageSegment[], model: string | null): readonly UsageSegment[] {
  if (segments.length === 0) return [];
  const contextTokens = segments.reduce((most, segment) => Math.max(most, segment.contextTokens), 0);
  return [{ model, quantities: mergeSegments(segments), contextTokens }];
}

function readResponseUsage(usage: JsonObject, anomalies: Anomaly[]): UsageSegment {
  const input = getObject(usage, 'input_token_details') ?? getObject(usage, 'input_tokens_details');
  const output = getObject(usage, 'output_token_details') ?? getObject(usage, 'output_tokens_details');
  const cached = getObject(input, 'cached_tokens_details');
  const of = (object: JsonObject | null, key: string) => getCount(object, key, anomalies);
  const cachedAudio = of(cached, 'audio_tokens');
  const cachedImage = of(cached, 'image_tokens');
  const cachedAll = of(input, 'cached_tokens');
  const without = (all: number | null, part: number | null) =>
    all === null ? null : Math.max(0, all - (part ?? 0));
  const cut = disjoint([
    {
      name: 'input',
      total: of(usage, 'input_tokens'),
      rest: 'input_uncached',
      parts: {
        input_cache_read: without(cachedAll, (cachedAudio ?? 0) + (cachedImage ?? 0)),
        input_audio: without(of(input, 'audio_tokens'), cachedAudio),
        input_audio_cache_read: cachedAudio,
        input_image: without(of(input, 'image_tokens'), cachedImage),
        input_image_cache_read: cachedImage,
      },
    },
    {
      name: 'output',
      total: of(usage, 'output_tokens'),
      rest: 'output_text',
      parts: { output_audio: of(output, 'audio_tokens') },
    },
  ]);
  anomalies.push(...cut.anomalies);
  const quantities: Quantities = {
    ...cut.quantities,
    ...audioSeconds(usage, 'billable_audio_seconds', 'audio_seconds_out'),
  };
  return { model: null, quantities, contextTokens: tokenTotals(quantities).input };
}

function readHeard(usage: JsonObject, anomalies: Anomaly[]): UsageSegment {
  const seconds = audioSeconds(usage, 'seconds', 'audio_seconds_in');
  if (Object.keys(seconds).length > 0) return { model: null, quantities: seconds, contextTokens: 0 };
  return readResponseUsage(usage, anomalies);
}

function audioSeconds(
  usage: JsonObject,
  key: string,
  meter: 'audio_seconds_in' | 'audio_seconds_out',
): Quantities {
  const seconds = get(usage, key);
  if (typeof seconds !== 'number') return {};
  return disjoint([{ name: 'audio', total: seconds, rest: meter, parts: {} }]).quantities;
}

function foldSession(): EventFold {
  const responses = new EventList();
  const transcriptions = new EventList();
  const session: { [key: string]: Json } = {};
  const seen = new Set<string>();
  let open = false;
  return {
    matters: (text) =>
      text.includes('response.') || text.includes('"session"') || text.includes('transcription.c'),
    add(event) {
      const type = get(event, 'type');
      const opened = getObject(event, 'session');
      if (opened !== null) {
        keep(session, 'model', get(opened, 'model'));
        keep(session, 'transcription_model', transcriptionModel(opened));
      }
      if (type === 'response.created') open = true;
      if (type === 'response.done') {
        open = false;
        const response = getObject(event, 'response');
        const id = getName(response, 'id');
        // A repeated event is the same response, not another one.
        if (id !== null && seen.has(id)) return;
        if (id !== null && !responses.full) seen.add(id);
        keep(session, 'id', id);
        keep(session, 'model', get(response, 'model'));
        // xAI leaves `response.usage` empty and puts the counts on the event.
        const inner = getObject(response, 'usage');
        const usage =
          inner !== null && hasAny(inner, ['input_tokens', 'output_tokens'])
            ? inner
            : getObject(event, 'usage');
        if (usage !== null) responses.push(usage);
      } else if (type === HEARD) {
        const usage = getObject(event, 'usage');
        if (usage !== null) transcriptions.push(usage);
      }
    },
    finish: (aborted) => ({
      body: { ...session, responses: responses.items, transcriptions: transcriptions.items },
      end: responses.full || transcriptions.full || (aborted && open) ? 'partial' : 'final',
    }),
  };
}

function keep(session: { [key: string]: Json }, key: string, value: Json | undefined): void {
  if (typeof value === 'string' && value !== '') session[key] = value;
}

/** Older sessions name it at the top, newer ones below the audio input. */
function transcriptionModel(session: JsonObject): string | null {
  const input = getObject(getObject(session, 'audio'), 'input');
  return getName(
    getObject(session, 'input_audio_transcription') ?? getObject(input, 'transcription'),
    'model',
  );
}
