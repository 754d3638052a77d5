/**
 * Google's Live API: each turn (in translation each increment) reports what it used; the session is their sum.
 * Its totals leave thoughts out, although they are output.
 */

import { firstObject, get, getArray, hasAny, isObject } from '../../json/members.ts';
import { mergeSegments } from '../../usage/quantities.ts';
import type { Anomaly, JsonObject } from '../../usage/usage.ts';
import type { EventFold, ReadContext, Reading, Shape } from '../description/shape.ts';
import { withoutUsage } from '../fields/envelope.ts';
import { EventList } from '../fields/event-list.ts';
import { geminiCounts, geminiSum, isGeminiUsage, readGeminiCounts } from './counts.ts';
import { geminiModel, geminiTier } from './generate-content.ts';

const EVENTS = [
  'setupComplete',
  'serverContent',
  'sessionResumptionUpdate',
  'goAway',
  'toolCallCancellation',
];
/** Turns whose usage is kept verbatim; longer sessions are counted whole but keep the last ones. */
const KEPT_TURNS = 100;

export const geminiLive: Shape = {
  id: 'google.live',
  operation: 'realtime',
  surfaces: ['live', 'gemini.live'],
  path: /BidiGenerateContent$/,
  recognises: (body) =>
    hasAny(body, EVENTS) || isLiveUsage(firstObject(body, ['usageMetadata', 'usage_metadata'])),
  recognisesUsage: isLiveUsage,
  read: readLive,
  fold: foldLive,
};

function isLiveUsage(usage: JsonObject | null): boolean {
  return (
    usage !== null &&
    isGeminiUsage(usage) &&
    hasAny(usage, ['responseTokenCount', 'response_token_count', 'responseTokensDetails'])
  );
}

function readLive(body: JsonObject, context: ReadContext): Reading {
  const turns = turnsOf(body);
  const empty = {
    ...withoutUsage(body, context.operation ?? 'realtime', 'google.live: no usage'),
    model: geminiModel(body, context),
  };
  if (turns.length === 0) return empty;
  const anomalies: Anomaly[] = [];
  const segments = turns.map((turn) => {
    const counts = geminiCounts(turn, []);
    return readGeminiCounts(turn, anomalies, counts.total === geminiSum(counts));
  });
  return {
    ...empty,
    tier: geminiTier(turns.at(-1) ?? {}, anomalies),
    segments: [
      {
        model: null,
        quantities: mergeSegments(segments),
        contextTokens: segments.reduce((most, segment) => Math.max(most, segment.contextTokens), 0),
      },
    ],
    source: 'reported',
    rawUsage: turns.slice(-KEPT_TURNS),
    convention: 'google.live: the turns are summed; totals leave thoughts out, which are output',
    anomalies: [...new Map(anomalies.map((anomaly) => [anomaly.code, anomaly])).values()],
  };
}

function turnsOf(body: JsonObject): readonly JsonObject[] {
  const turns = getArray(body, 'turns').filter(isObject);
  const alone = firstObject(body, ['usageMetadata', 'usage_metadata', 'usage']);
  return turns.length > 0 || alone === null || !isGeminiUsage(alone) ? turns : [alone];
}

function foldLive(): EventFold {
  const turns = new EventList();
  let complete = false;
  return {
    matters: (text) => text.includes('sage') || text.includes('urnComplete'),
    add(event) {
      const usage = firstObject(event, ['usageMetadata', 'usage_metadata']);
      if (usage !== null && isGeminiUsage(usage)) {
        turns.push(usage);
        complete = true;
      } else if (get(event, 'serverContent') !== undefined) {
        complete = false;
      }
    },
    finish: (aborted) => ({
      body: { turns: turns.items },
      end: turns.full || (aborted && !complete) ? 'partial' : 'final',
    }),
  };
}
