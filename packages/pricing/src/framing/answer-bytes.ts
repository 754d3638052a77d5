/** The bytes of an answer, cut into events or one body. Its first bytes show how it is framed. */
import type { JsonObject } from '../usage/usage.ts';
import { openAwsEvents } from './aws-events.ts';
import type { FrameReader } from './aws-frames.ts';
import { ByteGatherer } from './byte-gatherer.ts';
import type { EventSink } from './event-sink.ts';
import { JsonDocument } from './json-document.ts';
import { SseReader } from './sse-reader.ts';

type Form =
  | { readonly kind: 'sse'; readonly gatherer: ByteGatherer; readonly reader: SseReader }
  | { readonly kind: 'json'; readonly document: JsonDocument }
  | { readonly kind: 'frames'; readonly frames: FrameReader };

/** What is known at the end of the bytes. */
export interface AnswerEnd {
  /** The body, where the answer was one; null where its events went to the sink. */
  readonly body: JsonObject | null;
  /** A frame was broken, and nothing behind it is known. */
  readonly broken: boolean;
}

/**
 * Server-sent events, newline-delimited JSON, AWS's binary frames, one JSON list, or one JSON body. Memory is always
 * bounded: a value that is too large to be held is read as an outline (`json/json-outline.ts`).
 */
export class AnswerBytes {
  readonly #events: EventSink;
  readonly #encoder = new TextEncoder();
  #form: Form | null = null;
  #untouched = true;

  constructor(events: EventSink) {
    this.#events = events;
  }

  /** Bytes or text, split anywhere. Takes time in proportion to the chunk; bytes are copied or read at once. */
  push(chunk: string | Uint8Array): void {
    const form = this.#form;
    if (typeof chunk !== 'string') this.#bytes(chunk);
    else if (form?.kind === 'sse') {
      form.gatherer.flush();
      form.reader.push(chunk);
    } else if (form?.kind !== 'frames') this.#bytes(this.#encoder.encode(chunk));
  }

  /** Nothing more comes. */
  end(): AnswerEnd {
    const form = this.#form;
    if (form?.kind === 'sse') {
      form.gatherer.end();
      form.reader.end();
    }
    return {
      body: form?.kind === 'json' ? form.document.end() : null,
      broken: form?.kind === 'frames' && form.frames.broken,
    };
  }

  #bytes(chunk: Uint8Array): void {
    if (this.#form === null) {
      // A binary frame starts with its length, whose first byte is 0: no text does.
      const frames = this.#untouched && chunk[0] === 0;
      const at = frames ? 0 : firstMeaning(chunk);
      if (chunk.length > 0) this.#untouched = false;
      if (at === chunk.length) return;
      this.#form = frames ? framesOf(this.#events) : textFormOf(chunk[at] ?? 0, this.#events);
      if (at > 0) {
        this.#bytes(chunk.subarray(at));
        return;
      }
    }
    const form = this.#form;
    if (form.kind === 'sse') form.gatherer.push(chunk);
    else if (form.kind === 'json') form.document.push(chunk);
    else form.frames.push(chunk);
  }
}

function textFormOf(first: number, events: EventSink): Form {
  if (first === 0x7b || first === 0x5b) return { kind: 'json', document: new JsonDocument(events) };
  const reader = new SseReader(events);
  return { kind: 'sse', reader, gatherer: new ByteGatherer((text) => reader.push(text)) };
}

function framesOf(events: EventSink): Form {
  return {
    kind: 'frames',
    frames: openAwsEvents(
      (event) => events.event(event),
      () => events.noteCut(),
    ),
  };
}

/** Index of the first byte that is neither a blank nor of a byte order mark; these may come without end. */
function firstMeaning(bytes: Uint8Array): number {
  let at = 0;
  for (; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte > 0x20 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf) break;
  }
  return at;
}
