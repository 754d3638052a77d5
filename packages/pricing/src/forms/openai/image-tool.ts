/**
 * Images that the image tool made inside a Responses call. They are a bill of their own, at the image model's
 * token prices: newer bodies state it under `tool_usage`, older ones only show that an image was made.
 */

import { get, getArray, getCount, getName, getObject, isObject } from '../../json/members.ts';
import { disjoint, tokenTotals } from '../../usage/quantities.ts';
import type { Anomaly, JsonObject, UsageSegment } from '../../usage/usage.ts';

/** The model the tool uses where the request names none, by OpenAI's description of the tool. */
const DEFAULT_MODEL = 'gpt-image-1';

/** The segment of the images, or null where none were made. */
export function imageToolSegment(body: JsonObject, anomalies: Anomaly[]): UsageSegment | null {
  const model = toolModel(body) ?? DEFAULT_MODEL;
  const usage = getObject(getObject(body, 'tool_usage'), 'image_gen');
  const stated = usage === null ? null : readImageUsage(usage, anomalies);
  if (stated !== null) return { model, quantities: stated, contextTokens: tokenTotals(stated).input };
  const images = getArray(body, 'output').filter(isMadeImage).length;
  if (images === 0) return null;
  anomalies.push({
    code: 'image_tokens_not_reported',
    message: `${images} image(s) made by a tool are billed in tokens that the response does not state`,
  });
  return { model, quantities: { images }, contextTokens: 0 };
}

function readImageUsage(usage: JsonObject, anomalies: Anomaly[]) {
  const input = getCount(usage, 'input_tokens', anomalies);
  const output = getCount(usage, 'output_tokens', anomalies);
  if ((input ?? 0) + (output ?? 0) === 0) return null;
  const from = getObject(usage, 'input_tokens_details');
  const to = getObject(usage, 'output_tokens_details');
  const cut = disjoint([
    {
      name: 'image_input',
      total: input,
      rest: 'input_uncached',
      parts: { input_image: getCount(from, 'image_tokens', anomalies) },
    },
    {
      name: 'image_output',
      total: output,
      rest: 'output_image',
      parts: { output_text: getCount(to, 'text_tokens', anomalies) },
    },
  ]);
  anomalies.push(...cut.anomalies);
  return cut.quantities;
}

function isMadeImage(item: unknown): boolean {
  return isObject(item) && get(item, 'type') === 'image_generation_call' && get(item, 'status') !== 'failed';
}

function toolModel(body: JsonObject): string | null {
  const tool = getArray(body, 'tools').find(
    (one) => isObject(one) && get(one, 'type') === 'image_generation',
  );
  return isObject(tool) ? getName(tool, 'model') : null;
}
