/**
 * Finds the event that ends a stream of server-sent events for the caller's SDK, and events that report an error, by the
 * marks of the provider's form. So a call can be made durable before the caller can see that it is complete. Inside
 * JSON a line break is always escaped, so these lines cannot occur within generated text.
 */
import type { StreamForm, StreamMarks } from '../forms/description/provider-form.ts';

/** `running`: go on. `ending`: the last event has begun, it must wait. `ended`: it is whole. */
export type StreamPosition = 'running' | 'ending' | 'ended';

const NEWLINE = 0x0a;
const RETURN = 0x0d;

export class StreamEndFinder {
  readonly #marks: CompiledMarks;
  /** The beginning of the line that has not ended yet, as long as a mark may be. */
  readonly #head: Uint8Array;
  #filled = 0;
  /** The line was checked and has no mark: the rest of it is skipped. */
  #known = false;
  #position: StreamPosition = 'running';
  #failed = false;

  /** @param form if its marks are null, no end is found: such a stream ends with its connection */
  constructor(form: Pick<StreamForm, 'ends' | 'errors'>) {
    this.#marks = compiled(form);
    this.#head = new Uint8Array(this.#marks.longest);
  }

  /** True once the provider reported an error inside the stream. */
  get failed(): boolean {
    return this.#failed;
  }

  /** The state of the stream after this chunk. Takes time in proportion to the chunk, and keeps nothing of it. */
  push(chunk: Uint8Array): StreamPosition {
    for (let at = 0; at < chunk.length && this.#position !== 'ended'; ) {
      const newline = chunk.indexOf(NEWLINE, at);
      const end = newline === -1 ? chunk.length : newline;
      if (!this.#known) this.#take(chunk, at, end);
      if (newline !== -1) this.#endLine();
      at = end + 1;
    }
    return this.#position;
  }

  #take(chunk: Uint8Array, from: number, to: number): void {
    const { longest } = this.#marks;
    if (this.#filled === 0 && to - from >= longest) {
      // Most lines come whole and are long: they are checked in place.
      this.#look(chunk, from, from + longest, false);
      this.#filled = longest;
      this.#known = true;
      return;
    }
    const length = Math.min(to - from, longest - this.#filled);
    for (let at = 0; at < length; at += 1) this.#head[this.#filled + at] = chunk[from + at] ?? 0;
    this.#filled += length;
    this.#look(this.#head, 0, this.#filled, false);
    this.#known = this.#filled === longest;
  }

  /** @param whole the line has ended: a name needs its end */
  #look(bytes: Uint8Array, from: number, to: number, whole: boolean): void {
    if (this.#position !== 'running') return;
    const { ends, errors } = this.#marks;
    if (isMarked(bytes, from, to, ends, whole)) this.#position = 'ending';
    else if (!this.#failed) this.#failed = isMarked(bytes, from, to, errors, whole);
  }

  #endLine(): void {
    if (!this.#known) this.#look(this.#head, 0, this.#filled, true);
    const blank = this.#filled === 0 || (this.#filled === 1 && this.#head[0] === RETURN);
    if (this.#position === 'ending' && blank) this.#position = 'ended';
    this.#filled = 0;
    this.#known = false;
  }
}

/** Marks as bytes. A blank behind the field's colon may be missing, so each is here in both spellings. */
interface MarkBytes {
  /** For these the beginning of a line is enough. */
  readonly beginnings: readonly Uint8Array[];
  /** These must be the whole line. */
  readonly lines: readonly Uint8Array[];
}

interface CompiledMarks {
  readonly ends: MarkBytes;
  readonly errors: MarkBytes;
  /** Bytes of the longest mark, and of the line break behind it. */
  readonly longest: number;
}

const COMPILED = new WeakMap<object, CompiledMarks>();

function compiled(form: Pick<StreamForm, 'ends' | 'errors'>): CompiledMarks {
  const known = COMPILED.get(form);
  if (known !== undefined) return known;
  const ends = bytesOf(form.ends);
  const errors = bytesOf(form.errors);
  const all = [ends, errors].flatMap(({ beginnings, lines }) => [...beginnings, ...lines]);
  const made = { ends, errors, longest: 2 + all.reduce((most, { length }) => Math.max(most, length), 0) };
  COMPILED.set(form, made);
  return made;
}

function bytesOf(marks: StreamMarks | null): MarkBytes {
  const { data = [], events = [], members = [] } = marks ?? {};
  const field = (name: string, text: string) => [`${name}:${text}`, `${name}: ${text}`];
  const encoder = new TextEncoder();
  const encoded = (texts: readonly string[]) => texts.map((text) => encoder.encode(text));
  return {
    beginnings: encoded([
      ...data.flatMap((text) => field('data', text)),
      ...members.flatMap((name) => [`{"${name}":{`, `{"${name}": {`].flatMap((text) => field('data', text))),
    ]),
    lines: encoded(events.flatMap((name) => field('event', name))),
  };
}

function isMarked(
  bytes: Uint8Array,
  from: number,
  to: number,
  { beginnings, lines }: MarkBytes,
  whole: boolean,
): boolean {
  for (const mark of beginnings) if (standsAt(bytes, from, to, mark)) return true;
  for (const mark of lines) {
    if (!standsAt(bytes, from, to, mark)) continue;
    const end = from + mark.length;
    if (end === to ? whole : bytes[end] === RETURN) return true;
  }
  return false;
}

function standsAt(bytes: Uint8Array, from: number, to: number, mark: Uint8Array): boolean {
  if (to - from < mark.length) return false;
  // From behind: all marks begin alike.
  for (let at = mark.length - 1; at >= 0; at -= 1) if (bytes[from + at] !== mark[at]) return false;
  return true;
}
