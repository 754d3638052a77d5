/**
 * What a Bedrock guardrail assessed: units per policy, of input and output. Word filters and the free units of
 * sensitive information cost nothing and are not counted.
 */

import { get, getCount, getObject, isObject } from '../../json/members.ts';
import type { Meter } from '../../usage/meters.ts';
import { disjoint } from '../../usage/quantities.ts';
import type { Anomaly, Json, JsonObject } from '../../usage/usage.ts';

const UNITS: readonly (readonly [string, Meter])[] = [
  ['contentPolicyUnits', 'guardrail_content_units'],
  ['contentPolicyImageUnits', 'guardrail_image_units'],
  ['topicPolicyUnits', 'guardrail_topic_units'],
  ['sensitiveInformationPolicyUnits', 'guardrail_sensitive_units'],
  ['contextualGroundingPolicyUnits', 'guardrail_grounding_units'],
  ['automatedReasoningPolicyUnits', 'guardrail_reasoning_units'],
];

/** Units of every assessment in a body, a stream's metadata or an invoked model's trace; only those above 0. */
export function countGuardrail(body: JsonObject, anomalies: Anomaly[]): { readonly [M in Meter]?: number } {
  const trace = getObject(body, 'trace') ?? getObject(body, 'amazon-bedrock-trace');
  const guardrail = getObject(trace, 'guardrail');
  const totals: { [M in Meter]?: number } = {};
  for (const usage of assessments(guardrail)) {
    for (const [field, meter] of UNITS) {
      const units = getCount(usage, field, anomalies) ?? 0;
      if (units > 0) totals[meter] = (totals[meter] ?? 0) + units;
    }
  }
  return disjoint([{ name: 'guardrail', total: null, rest: 'guardrail_content_units', parts: totals }])
    .quantities;
}

/** Converse says inputAssessment and outputAssessments, invoked models input and outputs. */
function assessments(guardrail: JsonObject | null): readonly JsonObject[] {
  const found: JsonObject[] = [];
  for (const key of ['inputAssessment', 'outputAssessments', 'input', 'outputs']) {
    collect(get(guardrail, key), found, 0);
  }
  return found;
}

/** The usage of each assessment, below ids of guardrails and lists. */
function collect(value: Json | undefined, found: JsonObject[], depth: number): void {
  if (depth > 4) return;
  if (Array.isArray(value)) {
    for (const item of value) collect(item, found, depth + 1);
    return;
  }
  if (!isObject(value)) return;
  const usage = getObject(getObject(value, 'invocationMetrics'), 'usage');
  if (usage !== null) {
    found.push(usage);
    return;
  }
  for (const item of Object.values(value)) collect(item, found, depth + 1);
}
