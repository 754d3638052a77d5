/** The body of a request in JSON: members are found by their place in its bytes, read and changed there. */
import type { Json, JsonObject } from '@farthing/pricing';
import { JsonSpans, keyOf, memberAt, type ValueSpan } from '@farthing/pricing/extract';

/** Bytes between two turns of others: about a millisecond. */
const STEP_BYTES = 524_288;
/** Longest member that is parsed; longer ones are none of those that are read. */
const MAX_MEMBER_BYTES = 16_384;
/** Bytes of a key with its quotes: the longest member's name with each letter as an escape. */
const LONGEST_KEY = 200;

const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

export class RequestBody {
  readonly bytes: Buffer;
  /** The members that were looked for; null where the bytes are no JSON object. */
  readonly #members: ReadonlyMap<string, ValueSpan> | null;

  private constructor(bytes: Buffer, members: ReadonlyMap<string, ValueSpan> | null) {
    this.bytes = bytes;
    this.#members = members;
  }

  /**
   * Finds members at the root of a JSON object. Nothing else is parsed, so reading time does not depend on the body's
   * depth, and other calls get their turn meanwhile. Of a duplicate key the last one counts.
   *
   * @param keys names of the members that may be asked for
   */
  static async read(bytes: Buffer, keys: ReadonlySet<string>): Promise<RequestBody> {
    const found = new Map<string, ValueSpan>();
    const spans = new JsonSpans(bytes, afterMark(bytes), (span) => {
      if (span.keyTo - span.keyFrom > LONGEST_KEY) return;
      const key = keyOf(bytes, span);
      if (key !== null && keys.has(key)) found.set(key, span);
    });
    while (!spans.step(STEP_BYTES)) await new Promise(setImmediate);
    return new RequestBody(bytes, isWholeObject(bytes, spans) ? found : null);
  }

  /** False for what is no JSON object, or is compressed: it is passed on, the provider will say what is wrong with it. */
  get isObject(): boolean {
    return this.#members !== null;
  }

  has(key: string): boolean {
    return this.#members?.has(key) ?? false;
  }

  /** True for a member that is a text too long to be read. */
  isLongText(key: string): boolean {
    const span = this.#members?.get(key);
    return span !== undefined && this.bytes[span.from] === QUOTE && span.to - span.from > MAX_MEMBER_BYTES;
  }

  /** The value of a member; undefined where it is absent, long, deep or no JSON. */
  value(key: string): Json | undefined {
    const span = this.#members?.get(key);
    if (span === undefined || span.to - span.from > MAX_MEMBER_BYTES || span.depth > 32) return undefined;
    try {
      return JSON.parse(this.bytes.toString('utf8', span.from, span.to));
    } catch {
      return undefined;
    }
  }

  /** The value at a place that a provider's form names, `generationConfig.maxOutputTokens`; undefined as with `value`. */
  at(path: string): Json | undefined {
    const dot = path.indexOf('.');
    if (dot === -1) return this.value(path);
    const value = this.value(path.slice(0, dot));
    return isObject(value) ? memberAt(value, path.slice(dot + 1)) : undefined;
  }

  /**
   * The body with another value of a member, or with a member more. Only these bytes are rewritten (a new member goes
   * behind the opening brace): big numbers, doubled keys and spaces of the caller survive.
   *
   * @param json the value as JSON
   * @throws Error where the body is no object
   */
  with(key: string, json: string): RequestBody {
    const members = this.#members;
    if (members === null) throw new Error('Only a JSON object can be given a member.');
    const span = members.get(key);
    if (span !== undefined)
      return this.#written(members, { key, at: span.from, until: span.to, before: '', json });
    const at = this.bytes.indexOf(OPEN_BRACE) + 1;
    const alone = byteBehindBlanks(this.bytes, at) === CLOSE_BRACE;
    const before = `${JSON.stringify(key)}:`;
    return this.#written(members, { key, at, until: at, before, json, after: alone ? '' : ',' });
  }

  /** Writes a value in the place of the bytes from `at` to `until`; members behind it move. */
  #written(
    members: ReadonlyMap<string, ValueSpan>,
    { key, at, until, before, json, after = '' }: Written,
  ): RequestBody {
    const value = Buffer.from(json);
    const from = at + Buffer.byteLength(before);
    const parts = [this.bytes.subarray(0, at), Buffer.from(before), value, Buffer.from(after)];
    const bytes = Buffer.concat([...parts, this.bytes.subarray(until)]);
    const moved = bytes.length - this.bytes.length;
    const spans = new Map<string, ValueSpan>();
    for (const [name, span] of members) spans.set(name, span.from < until ? span : shifted(span, moved));
    const own = members.get(key) ?? { keyFrom: at, keyTo: from - 1, values: 1, depth: 1 };
    spans.set(key, { ...own, from, to: from + value.length });
    return new RequestBody(bytes, spans);
  }
}

interface Written {
  readonly key: string;
  readonly at: number;
  readonly until: number;
  /** The bytes before the value, and those after it. */
  readonly before: string;
  readonly json: string;
  readonly after?: string;
}

function shifted(span: ValueSpan, by: number): ValueSpan {
  const { keyFrom, keyTo, from, to } = span;
  return { ...span, keyFrom: keyFrom + by, keyTo: keyTo + by, from: from + by, to: to + by };
}

/** Index behind a byte order mark. */
function afterMark(bytes: Buffer): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

/** One object, and nothing but blanks around it. */
function isWholeObject(bytes: Buffer, spans: JsonSpans): boolean {
  return (
    spans.whole && bytes[spans.end - 1] === CLOSE_BRACE && byteBehindBlanks(bytes, spans.end) === undefined
  );
}

/** The first byte from `at` on that is no blank of JSON's; undefined where there is none. */
function byteBehindBlanks(bytes: Buffer, at: number): number | undefined {
  let byte = bytes[at];
  for (; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = bytes[at]) at += 1;
  return byte;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
