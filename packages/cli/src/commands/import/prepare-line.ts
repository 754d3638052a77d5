/** One line of an import → what is sent: its shape recognised, an id given. */
import { createHash } from 'node:crypto';
import type { ErrorCode } from '@farthing/contract';

/** `event`: a usage event as the API takes it; `response`: a recorded provider response in its envelope. */
export type LineKind = 'event' | 'response';

export type PreparedLine =
  | {
      readonly ok: true;
      readonly kind: LineKind;
      readonly id: string;
      readonly json: string;
      /** What the line is about, for people: `openai gpt-4o`. */
      readonly model: string;
    }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string };

type Fields = Record<string, unknown>;

/**
 * Recognises a line by its fields: `response`, `usage` or `quantities` make a usage event; `body`, `stream` or
 * `stream_base64` a recorded response; a bare provider body is put into an envelope. Without an id one is derived
 * from the text of the line, so that a second import of the same file adds nothing.
 */
export function prepareLine(text: string): PreparedLine {
  let parsed: unknown;
  try {
    parsed = parseExactly(text);
  } catch {
    return { ok: false, code: 'invalid_json', message: 'the line is not valid JSON' };
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return { ok: false, code: 'invalid_event', message: 'the line must be a JSON object' };
  }
  const recognised = recognise(parsed as Fields);
  if (recognised === null) {
    const message =
      'neither a usage event (response, usage or quantities) nor a provider response (body or stream)';
    return { ok: false, code: 'unrecognised_body', message };
  }
  const { kind, fields } = recognised;
  const id = typeof fields['id'] === 'string' && fields['id'] !== '' ? fields['id'] : idOf(text);
  return { ok: true, kind, id, json: JSON.stringify({ ...fields, id }), model: modelOf(fields) };
}

function recognise(fields: Fields): { kind: LineKind; fields: Fields } | null {
  const has = (name: string) => fields[name] !== undefined && fields[name] !== null;
  if (has('body') || has('stream') || has('stream_base64')) return { kind: 'response', fields };
  if (isProviderBody(fields))
    return { kind: 'response', fields: { id: fields['id'], format: 'json', body: fields } };
  if (has('response') || has('usage') || has('quantities')) return { kind: 'event', fields };
  return null;
}

/** A whole answer of a provider without envelope: it names its kind, or holds what was generated. */
function isProviderBody(fields: Fields): boolean {
  return ['object', 'choices', 'candidates', 'output', 'content'].some((name) => fields[name] !== undefined);
}

/** Provider and model as far as the line shows them; a stream keeps its model inside. */
function modelOf(fields: Fields): string {
  const inner = [fields['body'], fields['response']].find(
    (part) => typeof part === 'object' && part !== null,
  );
  const model = fields['model'] ?? (inner as Fields | undefined)?.['model'] ?? fields['request_model'];
  return [fields['provider'], model ?? '(model not stated)']
    .filter((word) => typeof word === 'string')
    .join(' ');
}

/** The same line has the same id on every machine. */
function idOf(text: string): string {
  return `import-${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}

/** What `JSON.parse` hands a reviver, and `JSON.rawJSON`, both in every Node the command line runs on. */
interface ExactJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
}
const exactJson = JSON as unknown as ExactJson;

/** Parses so that printing gives every number back in its own digits: a stated cost may have more than a float keeps. */
function parseExactly(text: string): unknown {
  return exactJson.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && source !== String(value)
      ? exactJson.rawJSON(source)
      : value,
  );
}
