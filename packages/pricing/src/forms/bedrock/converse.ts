/** Bedrock's Converse and ConverseStream (usage in its last event, `metadata`), and Nova's own body of that form. */

import { get, getObject, hasAny, merged } from '../../json/members.ts';
import type { Anomaly, Json, JsonObject } from '../../usage/usage.ts';
import type { EventFold, ReadContext, Reading, Shape } from '../description/shape.ts';
import { modelOfUrl } from '../description/url.ts';
import { readTier, withoutUsage } from '../fields/envelope.ts';
import { isConverseUsage, readConverseUsage } from './converse-usage.ts';
import { countGuardrail } from './guardrail.ts';

const EVENTS = [
  'messageStart',
  'contentBlockStart',
  'contentBlockDelta',
  'contentBlockStop',
  'messageStop',
  'metadata',
];

export const bedrockConverse: Shape = {
  id: 'bedrock.converse',
  operation: 'chat',
  surfaces: ['converse', 'conversestream', 'converse-stream'],
  path: /\/(converse|converse-stream)$/,
  recognises: (body) =>
    isConverseEvent(body) ||
    (typeof get(body, 'stopReason') === 'string' && getObject(body, 'output') !== null) ||
    (!hasAny(body, ['type', 'object', 'finishReason', 'steps']) &&
      isConverseUsage(getObject(body, 'usage') ?? {})),
  recognisesUsage: isConverseUsage,
  read: readConverse,
  fold: foldConverse,
};

function isConverseEvent(event: JsonObject): boolean {
  if (get(event, 'type') !== undefined || get(event, 'object') !== undefined) return false;
  return EVENTS.some((name) => getObject(event, name) !== null) && !hasAny(event, ['predictions', 'usage']);
}

function readConverse(body: JsonObject, context: ReadContext): Reading {
  const anomalies: Anomaly[] = [];
  const requested = context.requestModel ?? modelOfUrl(context.url);
  const usage = getObject(body, 'usage');
  const guardrail = countGuardrail(body, anomalies);
  const guarded = Object.keys(guardrail).length > 0;
  const empty = {
    ...withoutUsage(body, context.operation ?? 'chat', 'bedrock.converse: no usage'),
    tier: readTier(get(getObject(body, 'serviceTier'), 'type'), anomalies),
    speed: get(getObject(body, 'performanceConfig'), 'latency') === 'optimized' ? ('fast' as const) : null,
    anomalies,
  };
  if (usage === null) {
    const segments = guarded ? [{ model: null, quantities: guardrail, contextTokens: 0 }] : [];
    return { ...empty, segments, source: guarded ? 'partial' : 'none' };
  }
  const { segment, convention } = readConverseUsage(usage, requested, anomalies);
  return {
    ...empty,
    segments: [{ ...segment, quantities: { ...segment.quantities, ...guardrail } }],
    source: 'reported',
    rawUsage: usage,
    convention: `bedrock.converse: ${convention}, thinking is part of output${
      guarded ? '; guardrail units by policy' : ''
    }`,
  };
}

function foldConverse(): EventFold {
  let body: { readonly [key: string]: Json | undefined } = {};
  let ended = false;
  return {
    matters: (text) => text.includes('"metadata"') || text.includes('"usage"'),
    add(event) {
      const metadata = getObject(event, 'metadata') ?? (getObject(event, 'usage') === null ? null : event);
      if (metadata === null) return;
      body = merged(body, metadata);
      // A model invoked as a stream puts its trace beside the metadata.
      const trace = getObject(event, 'amazon-bedrock-trace');
      if (trace !== null) body = { ...body, 'amazon-bedrock-trace': trace, trace: undefined };
      ended ||= getObject(metadata, 'usage') !== null;
    },
    finish: (aborted) => ({ body, end: ended || !aborted ? 'final' : 'partial' }),
  };
}
