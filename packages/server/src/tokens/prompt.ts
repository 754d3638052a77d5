/** The text that a request gives the model to read. */
import type { Json, JsonObject } from '@farthing/pricing';
import { PROMPT_TEXTS } from '@farthing/pricing/extract';

export interface Prompt {
  readonly text: string;
  /** Tokens besides the text: marks around messages, and inputs that are given as tokens. */
  readonly tokens: number;
  /** Images, files and sounds: their tokens cannot be counted here. */
  readonly attachments: number;
  /** The request continues a conversation that the provider stores, so its text is missing here. */
  readonly continues: boolean;
}

const { instructions, messages, plain, schemas, continues: CONTINUES } = PROMPT_TEXTS;
const TEXTS = [...instructions, ...messages, ...plain];
const MESSAGES: ReadonlySet<string> = new Set(messages);
const ATTACHMENTS: ReadonlySet<string> = new Set(PROMPT_TEXTS.attachments);

/** False for a request that was reduced to its settings. */
export function holdsPrompt(request: JsonObject): boolean {
  return [...messages, ...plain].some((key) => Object.hasOwn(request, key));
}

/** Marks around each message, and in front of the answer: https://github.com/openai/openai-cookbook. */
const PER_MESSAGE = 4;
const PER_ANSWER = 3;
const MAX_DEPTH = 32;

/** Labels of messages and their parts, which are no text. */
const NOT_READ = new Set([
  'role',
  'type',
  'id',
  'call_id',
  'tool_call_id',
  'tool_use_id',
  'toolUseId',
  'signature',
  'encrypted_content',
  'cache_control',
  'status',
  'media_type',
  'mime_type',
  'mimeType',
  'detail',
  'filename',
]);
/**
 * The prompt of a request of any known form.
 *
 * @example promptOf({ messages: [{ role: 'user', content: 'hi' }] }) // text 'hi', tokens 7
 */
export function promptOf(request: JsonObject): Prompt {
  const parts: string[] = [];
  const tally = { tokens: 0, attachments: 0 };
  for (const key of TEXTS) {
    const value = Object.hasOwn(request, key) ? request[key] : undefined;
    if (value === undefined || value === null) continue;
    if (MESSAGES.has(key) && Array.isArray(value)) tally.tokens += PER_MESSAGE * messagesIn(value);
    read(value, parts, tally, 0);
  }
  if (Object.hasOwn(request, 'messages') || Array.isArray(request['contents'])) tally.tokens += PER_ANSWER;
  for (const key of schemas) {
    const value = Object.hasOwn(request, key) ? request[key] : undefined;
    if (typeof value === 'object' && value !== null) readSchema(value, parts, 0);
  }
  const continues = CONTINUES.some((key) => request[key] !== undefined && request[key] !== null);
  return { text: parts.join('\n'), ...tally, continues };
}

function messagesIn(list: readonly Json[]): number {
  return list.filter((one) => typeof one === 'object' && one !== null && !Array.isArray(one)).length;
}

interface Tally {
  tokens: number;
  attachments: number;
}

function read(value: Json, parts: string[], tally: Tally, depth: number): void {
  if (depth > MAX_DEPTH) return;
  if (typeof value === 'string') {
    parts.push(value);
  } else if (typeof value === 'number') {
    // Embeddings and completions take their input as tokens too.
    tally.tokens += 1;
  } else if (Array.isArray(value)) {
    for (const one of value) read(one, parts, tally, depth + 1);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      if (ATTACHMENTS.has(key)) tally.attachments += 1;
      else if (member !== undefined && !NOT_READ.has(key) && typeof member !== 'number') {
        read(member, parts, tally, depth + 1);
      }
    }
  }
}

function readSchema(value: Json, parts: string[], depth: number): void {
  if (depth > MAX_DEPTH) return;
  if (typeof value === 'string') {
    parts.push(value);
  } else if (Array.isArray(value)) {
    for (const one of value) readSchema(one, parts, depth + 1);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      parts.push(key);
      if (member !== undefined) readSchema(member, parts, depth + 1);
    }
  }
}
