/**
 * Google's Interactions API: `total_*_tokens`. Tool use and thoughts are not part of input and output;
 * cached is a subset of input. Stream: only the completed event has usage.
 */

import { get, getArray, getCount, getName, getObject, hasAny, isObject, merged } from '../../json/members.ts';
import type { Anomaly, Json, JsonObject } from '../../usage/usage.ts';
import type { EventFold, ReadContext, Reading, Shape } from '../description/shape.ts';
import { readTier, secondsOf, withoutUsage } from '../fields/envelope.ts';
import { EventList } from '../fields/event-list.ts';
import { addSearches } from '../fields/server-tools.ts';
import { cutGemini, type GeminiCounts, geminiSum, readModalities } from './counts.ts';
import { countGrounding, type Grounding, noGrounding } from './grounding.ts';

export const geminiInteractions: Shape = {
  id: 'google.interactions',
  operation: 'chat',
  surfaces: ['interactions'],
  path: /\/interactions(\/[^/]+)?$/,
  recognises: (body) =>
    get(body, 'object') === 'interaction' || /^(interaction|step)\./.test(getName(body, 'event_type') ?? ''),
  recognisesUsage: (usage) => hasAny(usage, ['total_input_tokens', 'total_output_tokens']),
  read: readInteraction,
  fold: foldInteraction,
};

function readInteraction(body: JsonObject, context: ReadContext): Reading {
  const anomalies: Anomaly[] = [];
  const usage = getObject(body, 'usage');
  const model = getName(body, 'model') ?? context.requestModel ?? null;
  const empty = {
    ...withoutUsage(body, context.operation ?? 'chat', 'google.interactions: no usage'),
    model,
    createdAt: secondsOf(get(body, 'created')),
    tier: readTier(get(body, 'service_tier'), anomalies),
    anomalies,
  };
  if (usage === null) return empty;
  const counts: GeminiCounts = {
    prompt: getCount(usage, 'total_input_tokens', anomalies),
    output: getCount(usage, 'total_output_tokens', anomalies),
    thoughts:
      getCount(usage, 'total_thought_tokens', anomalies) ??
      getCount(usage, 'total_reasoning_tokens', anomalies),
    toolPrompt: getCount(usage, 'total_tool_use_tokens', anomalies),
    cached: getCount(usage, 'total_cached_tokens', anomalies),
    total: getCount(usage, 'total_tokens', anomalies),
  };
  if (counts.total !== null && counts.total !== geminiSum(counts)) {
    anomalies.push({
      code: 'total_mismatch',
      message: `total_tokens is ${counts.total}, its parts sum to ${geminiSum(counts)}; the parts are counted`,
    });
  }
  const of = (key: string, count: number | null) => readModalities(get(usage, key), count, anomalies, key);
  const segment = cutGemini(counts, {
    prompt: of('input_tokens_by_modality', counts.prompt),
    cached: of('cached_tokens_by_modality', counts.cached),
    output: of('output_tokens_by_modality', counts.output),
    anomalies,
  });
  return {
    ...empty,
    segments: [addSearches(segment, countGrounding(searchesOf(getArray(body, 'steps')), model ?? ''))],
    source: 'reported',
    rawUsage: usage,
    convention:
      'google.interactions: cached is a subset of input; thoughts and tool use stand beside the counts',
  };
}

/** Steps whose tools have fees. */
const CALLS = new Set(['google_search_call', 'google_maps_call']);

/** The queries of the searches that ran, from the steps of the interaction. */
function searchesOf(steps: readonly Json[]): Grounding {
  const found = noGrounding();
  for (const step of steps) {
    if (!isObject(step)) continue;
    if (get(step, 'type') === 'google_maps_call') found.addMaps();
    if (get(step, 'type') !== 'google_search_call') continue;
    for (const query of getArray(getObject(step, 'arguments'), 'queries')) {
      if (typeof query === 'string') found.addQuery(query);
    }
  }
  return found;
}

function foldInteraction(): EventFold {
  let interaction: JsonObject = {};
  let ended = false;
  const steps = new EventList();
  return {
    matters: (text) => text.includes('"interaction') || /google_(search|maps)_call/.test(text),
    add(event) {
      const type = getName(event, 'event_type');
      const found =
        getObject(event, 'interaction') ?? (get(event, 'object') === 'interaction' ? event : null);
      if (found !== null && (!ended || getObject(found, 'usage') !== null)) {
        interaction = merged(interaction, found);
        ended ||= getObject(found, 'usage') !== null;
      }
      if (type !== 'step.delta' && type !== 'step.start') return;
      const step = getObject(event, 'delta') ?? getObject(event, 'step');
      if (step !== null && CALLS.has(getName(step, 'type') ?? '')) steps.push(step);
    },
    finish: () => ({
      body: getArray(interaction, 'steps').length > 0 ? interaction : { ...interaction, steps: steps.items },
      end: ended && !steps.full ? 'final' : 'partial',
    }),
  };
}
