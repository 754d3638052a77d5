/** What a model wrote, read out of the bytes of an answer: whole or cut, JSON, NDJSON or server-sent events. */
import type { Json, JsonObject } from '@farthing/pricing';
import { createParser } from 'eventsource-parser';

/** Deepest nesting that is looked into. */
const MAX_DEPTH = 32;

/** Members under which generated text stands, in whatever form of answer. */
const TEXT_KEYS = new Set([
  'content',
  'text',
  'thinking',
  'reasoning_content',
  'reasoning',
  'refusal',
  'transcript',
  'partial_json',
  'arguments',
  'completion',
  'generated_text',
  'response',
  'name',
]);
/** Arguments of a tool call that stand as an object. */
const CALL_KEYS = new Set(['input', 'args', 'arguments', 'parameters']);
/** Members at the root of an answer or event below which the model's words stand. */
const ROOTS = [
  'choices',
  'content',
  'content_block',
  'delta',
  'message',
  'candidates',
  'output',
  'outputs',
  'contentBlockStart',
  'contentBlockDelta',
  'text',
  'response',
  'completion',
  'generations',
  'results',
];
/** What stands beside the words and is none. */
const SKIPPED = new Set(['logprobs', 'usage', 'reasoning_details', 'annotations', 'citations', 'metadata']);

/** Generated text of an answer, tool calls and streamed reasoning included; '' where there is none. */
export function generatedText(answer: string): string {
  const start = answer.trimStart();
  if (start.startsWith('{') || start.startsWith('[')) return textOfJson(start);
  const parts: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => addEvent(parse(data), parts) });
  parser.feed(`${answer}\n\n`);
  return parts.join('');
}

function textOfJson(text: string): string {
  const parts: string[] = [];
  const whole = parse(text);
  if (Array.isArray(whole)) for (const event of whole) addEvent(event, parts);
  else if (whole !== null) addEvent(whole, parts);
  else {
    const lines = text.split('\n').map(parse);
    for (const line of lines) addEvent(line, parts);
    if (lines.every((line) => line === null)) addTorn(text, parts);
  }
  return parts.join('');
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

/** A body that was cut: the texts that can be told in it, the torn one at its end too. */
const TORN = /"(?:content|text|thinking|reasoning_content|refusal|arguments)"\s*:\s*"((?:[^"\\]|\\.)*)/g;

function addTorn(body: string, parts: string[]): void {
  for (const [, escaped = ''] of body.matchAll(TORN)) {
    const text = parse(`"${escaped.replace(/\\u?[0-9a-f]{0,3}$/i, '')}"`);
    if (typeof text === 'string') parts.push(text);
  }
}

function addEvent(event: Json, parts: string[]): void {
  if (!isObject(event)) return;
  const { type } = event;
  if (typeof type === 'string' && type.startsWith('response.')) addResponsesEvent(event, type, parts);
  else for (const root of ROOTS) addMember(event, root, parts, 0);
}

/** Only deltas: the other events of the form repeat what these have said. */
function addResponsesEvent(event: JsonObject, type: string, parts: string[]): void {
  const { delta, item } = event;
  const sound = type.startsWith('response.audio.') || type.startsWith('response.output_audio.');
  if (type.endsWith('.delta') && typeof delta === 'string' && !sound) parts.push(delta);
  if (type === 'response.output_item.added' && isObject(item)) addMember(item, 'name', parts, 0);
}

function addMember(owner: JsonObject, key: string, parts: string[], depth: number): void {
  if (!Object.hasOwn(owner, key)) return;
  const value = owner[key];
  if (typeof value === 'string') {
    const twice = key === 'reasoning' && typeof owner['reasoning_content'] === 'string';
    if (TEXT_KEYS.has(key) && !twice) parts.push(value);
  } else if (isObject(value) && CALL_KEYS.has(key)) {
    if (Object.keys(value).length > 0) parts.push(JSON.stringify(value));
  } else if (value !== null && value !== undefined) {
    addBelow(value, parts, depth + 1);
  }
}

function addBelow(value: Json, parts: string[], depth: number): void {
  if (depth > MAX_DEPTH) return;
  if (Array.isArray(value)) {
    for (const one of value) {
      if (typeof one === 'string') parts.push(one);
      else addBelow(one, parts, depth + 1);
    }
  } else if (isObject(value) && !isToolResult(value)) {
    for (const key of Object.keys(value)) if (!SKIPPED.has(key)) addMember(value, key, parts, depth);
  }
}

/** What a tool of the provider found: the model read it, it did not write it. */
function isToolResult({ type }: JsonObject): boolean {
  return typeof type === 'string' && type.endsWith('_result');
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
