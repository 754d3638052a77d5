/** Extracts the model's text from the bytes of an answer: whole or cut, JSON, NDJSON or server-sent events. */
import type { Json, JsonObject } from '@farthing/pricing';
import { ANSWER_TEXTS } from '@farthing/pricing/extract';
import { createParser } from 'eventsource-parser';

/** Deepest nesting that is looked into. */
const MAX_DEPTH = 32;

const { roots: ROOTS, repeats: REPEATS } = ANSWER_TEXTS;
const TEXT_KEYS: ReadonlySet<string> = new Set(ANSWER_TEXTS.words);
const CALL_KEYS: ReadonlySet<string> = new Set(ANSWER_TEXTS.calls);
/** Members next to the text that are not text. */
const SKIPPED = new Set([
  'logprobs',
  'usage',
  'reasoning_details',
  'annotations',
  'citations',
  'metadata',
  // A summary of reasoning is not what was billed.
  'summary',
]);

export interface GeneratedText {
  /** Text, streamed reasoning and the tool calls' names and arguments. */
  readonly text: string;
  /** Tool calls: models write marks around each, which no answer shows. */
  readonly calls: number;
}

/** Findings of a reader so far. */
interface Found {
  readonly parts: string[];
  calls: number;
  /** Events that are no JSON. */
  refused: number;
}

/** The model's text in an answer; empty if none is found. */
export function generatedText(answer: string): GeneratedText {
  const found: Found = { parts: [], calls: 0, refused: 0 };
  readAnswer(answer, found);
  return { text: found.parts.join(''), calls: found.calls };
}

function readAnswer(answer: string, found: Found): void {
  const start = answer.trimStart();
  if (start.startsWith('{') || start.startsWith('[')) {
    readJson(start, found);
    return;
  }
  const parser = createParser({ onEvent: ({ data }) => addEvent(parseEvent(data, found), found) });
  parser.feed(`${answer}\n\n`);
}

function readJson(text: string, found: Found): void {
  const whole = parse(text);
  if (Array.isArray(whole)) for (const event of whole) addEvent(event, found);
  else if (whole !== null) addEvent(whole, found);
  else {
    readLines(text, found);
  }
}

/**
 * After this many events that are not JSON, the rest is assumed not to be JSON either. Parsing an invalid event costs
 * more than a valid one.
 */
const MAX_REFUSED = 50;

function readLines(text: string, found: Found): void {
  let read = 0;
  for (const line of text.split('\n')) {
    const event = parseEvent(line, found);
    if (event !== null) read += 1;
    if (found.refused > MAX_REFUSED) break;
    addEvent(event, found);
  }
  if (read === 0) addTorn(text, found);
}

/** An event; null for what is none, and for all that follows too many of these. */
function parseEvent(text: string, found: Found): Json {
  if (found.refused > MAX_REFUSED || !text.trimStart().startsWith('{')) return null;
  const event = parse(text);
  if (event === null) found.refused += 1;
  return event;
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

/** A cut body: the texts that can be recognised in it, including the torn one at its end. */
const TORN = /"(?:content|text|thinking|reasoning_content|refusal|arguments)"\s*:\s*"((?:[^"\\]|\\.)*)/g;

function addTorn(body: string, found: Found): void {
  for (const [, escaped = ''] of body.matchAll(TORN)) {
    const text = parse(`"${escaped.replace(/\\u?[0-9a-f]{0,3}$/i, '')}"`);
    if (typeof text === 'string') found.parts.push(text);
  }
}

function addEvent(event: Json, found: Found): void {
  if (!isObject(event)) return;
  const { type } = event;
  if (REPEATS.some(([member, value]) => event[member] === value)) return;
  if (typeof type === 'string' && type.startsWith('response.')) addResponsesEvent(event, type, found);
  else for (const root of ROOTS) addMember(event, root, found, 0);
}

/** Only deltas: the other events of the form repeat what these have said. */
function addResponsesEvent(event: JsonObject, type: string, found: Found): void {
  const { delta, item } = event;
  const sound = type.startsWith('response.audio.') || type.startsWith('response.output_audio.');
  const summary = type.startsWith('response.reasoning_summary');
  if (type.endsWith('.delta') && typeof delta === 'string' && !sound && !summary) found.parts.push(delta);
  if (type === 'response.output_item.added' && isObject(item)) addMember(item, 'name', found, 0);
}

function addMember(owner: JsonObject, key: string, found: Found, depth: number): void {
  if (!Object.hasOwn(owner, key)) return;
  const value = owner[key];
  if (typeof value === 'string') {
    const twice = key === 'reasoning' && typeof owner['reasoning_content'] === 'string';
    if (!TEXT_KEYS.has(key) || twice || value === '') return;
    found.parts.push(value);
    if (key === 'name') found.calls += 1;
  } else if (isObject(value) && CALL_KEYS.has(key)) {
    if (Object.keys(value).length > 0) found.parts.push(JSON.stringify(value));
  } else if (value !== null && value !== undefined) {
    addBelow(value, found, depth + 1);
  }
}

function addBelow(value: Json, found: Found, depth: number): void {
  if (depth > MAX_DEPTH) return;
  if (Array.isArray(value)) {
    for (const one of value) {
      if (typeof one === 'string') found.parts.push(one);
      else addBelow(one, found, depth + 1);
    }
  } else if (isObject(value) && !isToolResult(value)) {
    // Some send each piece twice, as message and as delta.
    const twice = isObject(value['delta']) ? 'message' : null;
    for (const key of Object.keys(value)) {
      if (!SKIPPED.has(key) && key !== twice) addMember(value, key, found, depth);
    }
  }
}

/** The result of a provider's tool: the model read it but did not write it. */
function isToolResult({ type }: JsonObject): boolean {
  return typeof type === 'string' && type.endsWith('_result');
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
