/** Streams → {@link ExtractedUsage}: bytes, text or parsed events in any split. */

import type { ExtractHint } from '../forms/shape.ts';
import { openAwsEvents } from '../framing/aws-events.ts';
import type { FrameReader } from '../framing/aws-frames.ts';
import { ByteGatherer } from '../framing/byte-gatherer.ts';
import { JsonDocument } from '../framing/json-document.ts';
import { SseReader } from '../framing/sse-reader.ts';
import type { ExtractedUsage, Json } from '../usage/usage.ts';
import { EventReader } from './event-reader.ts';
import { extractBody } from './extract-body.ts';

/** Reads a stream as it arrives. Tolerates any split of the bytes. */
export interface StreamExtractor {
  /** Raw bytes or text of the stream, split anywhere. Takes time in proportion to the chunk. Never throws. */
  push(chunk: string | Uint8Array): void;
  /** One already parsed event (SDK wrappers see objects, not bytes). Never throws. */
  pushEvent(event: Json): void;
  /**
   * The reading. `complete`: the stream ended by itself; `aborted`: the client or the upstream went away.
   * @throws ExtractError where nothing says what the stream was.
   */
  end(reason: 'complete' | 'aborted'): ExtractedUsage;
}

/** How an answer is written down, told by its first bytes. */
type Form =
  | { readonly kind: 'sse'; readonly gatherer: ByteGatherer; readonly reader: SseReader }
  | { readonly kind: 'json'; readonly document: JsonDocument }
  | { readonly kind: 'frames'; readonly frames: FrameReader };

/**
 * Opens an extractor for one stream: server-sent events, newline-delimited JSON, AWS's binary frames, or
 * (where the server answered without streaming) one JSON body; which one shows in its first character. Memory is
 * bounded whatever comes: what is too large to be held is read as an outline (`json-outline.ts`).
 *
 * @example
 * const stream = openStream({ provider: 'openai', url });
 * for await (const chunk of response.body) stream.push(chunk);
 * const usage = stream.end('complete');
 */
export function openStream(hint: ExtractHint): StreamExtractor {
  const events = new EventReader(hint);
  const encoder = new TextEncoder();
  let form: Form | null = null;
  let untouched = true;

  const pushBytes = (chunk: Uint8Array) => {
    if (form === null) {
      // A binary frame starts with its length, whose first byte is 0: no text does.
      const frames = untouched && chunk[0] === 0;
      const at = frames ? 0 : firstMeaning(chunk);
      if (chunk.length > 0) untouched = false;
      if (at === chunk.length) return;
      form = frames ? framesOf(events) : textFormOf(chunk[at] ?? 0, events);
      if (at > 0) {
        pushBytes(chunk.subarray(at));
        return;
      }
    }
    if (form.kind === 'sse') form.gatherer.push(chunk);
    else if (form.kind === 'json') form.document.push(chunk);
    else form.frames.push(chunk);
  };

  return {
    push(chunk) {
      if (typeof chunk !== 'string') pushBytes(chunk);
      else if (form?.kind === 'sse') {
        form.gatherer.flush();
        form.reader.push(chunk);
      } else if (form?.kind !== 'frames') pushBytes(encoder.encode(chunk));
    },
    pushEvent(event) {
      events.event(event);
    },
    end(reason) {
      let broken = false;
      if (form?.kind === 'sse') {
        form.gatherer.end();
        form.reader.end();
      } else if (form?.kind === 'json') {
        const body = form.document.end();
        if (body !== null) return events.withCut(extractBody(body, hint));
      } else if (form !== null) {
        broken = form.frames.broken;
      }
      // After a broken frame nothing more is known, as if the stream had been cut there.
      return events.end(reason === 'aborted' || broken);
    },
  };
}

function textFormOf(first: number, events: EventReader): Form {
  if (first === 0x7b || first === 0x5b) return { kind: 'json', document: new JsonDocument(events) };
  const reader = new SseReader(events);
  return { kind: 'sse', reader, gatherer: new ByteGatherer((text) => reader.push(text)) };
}

function framesOf(events: EventReader): Form {
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
