/** Answers inside other objects: lines of batch results, and lists of the events of a stream. */

import { get, getObject, hasAny } from '../json/members.ts';
import type { JsonObject } from '../usage/usage.ts';

export interface BatchLine {
  readonly body: JsonObject;
  readonly status: number | null;
}

/**
 * A line of a batch result: `{custom_id, response: {status_code, body}}` (OpenAI and most others),
 * `{custom_id, result: {message}}` (Anthropic), `{key, response}` and `{request, response}` (Google),
 * `{recordId, modelOutput}` (Bedrock). Null where it is none.
 */
export function unwrapBatch(line: JsonObject): BatchLine | null {
  if (typeof get(line, 'custom_id') === 'string') return openaiLine(line) ?? anthropicLine(line);
  if (typeof get(line, 'recordId') === 'string' && hasAny(line, ['modelInput', 'modelOutput', 'error'])) {
    return { body: getObject(line, 'modelOutput') ?? failed(line), status: null };
  }
  const google = typeof get(line, 'key') === 'string' || getObject(line, 'request') !== null;
  if (google && hasAny(line, ['response', 'error', 'status']) && !hasAny(line, ['candidates', 'usage'])) {
    return { body: getObject(line, 'response') ?? failed(line), status: null };
  }
  return null;
}

function openaiLine(line: JsonObject): BatchLine | null {
  const response = getObject(line, 'response');
  if (response === null && get(line, 'response') !== null) return null;
  const status = get(response, 'status_code');
  return {
    body: getObject(response, 'body') ?? failed(line),
    status: typeof status === 'number' ? status : null,
  };
}

function anthropicLine(line: JsonObject): BatchLine | null {
  const result = getObject(line, 'result');
  if (result === null) return null;
  return { body: getObject(result, 'message') ?? failed(result), status: null };
}

function failed(holder: JsonObject): JsonObject {
  return { error: get(holder, 'error') ?? {} };
}
