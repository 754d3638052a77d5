/** Streams → {@link ExtractedUsage}: bytes, text or parsed events in any split. */
import { createParser, type EventSourceParser } from 'eventsource-parser';
import type { ExtractedUsage, Json, JsonObject } from '../usage.ts';
import { openBedrockStream } from './bedrock-events.ts';
import { metricsAsHeaders } from './bedrock-headers.ts';
import { ByteGatherer } from './byte-gatherer.ts';
import { withoutUsage } from './envelope.ts';
import { ExtractError } from './errors.ts';
import type { FrameReader } from './event-stream.ts';
import { extractBody, readShape, settleProvider } from './extract-body.ts';
import { getObject, hasAny, isObject } from './json.ts';
import { parseJson } from './parse-json.ts';
import { SHAPES, shapeOfHint } from './registry.ts';
import type { EventFold, ExtractHint, Shape } from './shape.ts';

/** Reads a stream as it arrives. Tolerates any split of the bytes. */
export interface StreamExtractor {
  /** Raw bytes or text of the stream, split anywhere. Never throws. */
  push(chunk: string | Uint8Array): void;
  /** One already parsed event (SDK wrappers see objects, not bytes). Never throws. */
  pushEvent(event: Json): void;
  /**
   * The reading. `complete`: the stream ended by itself; `aborted`: the client or the upstream went away.
   * @throws ExtractError where nothing says what the stream was.
   */
  end(reason: 'complete' | 'aborted'): ExtractedUsage;
}

/** Largest body that is held when a stream turns out to be one JSON document; a longer one is not read. */
const MAX_DOCUMENT = 64 * 1024 * 1024;
/** Longest event that is held while it is incomplete. */
const MAX_EVENT = 64 * 1024 * 1024;

/**
 * Opens an extractor for one stream: server-sent events, newline-delimited JSON, AWS's binary frames, or
 * (where the server answered without streaming) one JSON body; which one shows in its first character.
 *
 * @example
 * const stream = openStream({ provider: 'openai', url });
 * for await (const chunk of response.body) stream.push(chunk);
 * const usage = stream.end('complete');
 */
export function openStream(hint: ExtractHint): StreamExtractor {
  const events = new EventReader(hint);
  const bytes = new ByteGatherer((text) => feed(text));
  let form: 'unknown' | 'sse' | 'json' | 'binary' = 'unknown';
  let sse: EventSourceParser | null = null;
  let frames: FrameReader | null = null;
  let document = '';
  let overlong = false;

  const feed = (text: string) => {
    if (text === '') return;
    if (form === 'unknown') {
      document += text;
      const first = /\S/.exec(document.replace(/^\uFEFF/, ''))?.[0];
      if (first === undefined) return;
      form = first === '{' || first === '[' ? 'json' : 'sse';
      if (form === 'json') return;
      sse = openSse((data) => events.text(data));
      const held = document;
      document = '';
      feed(held);
    } else if (form === 'json') {
      if (document.length + text.length > MAX_DOCUMENT) overlong = true;
      else if (!overlong) document += text;
    } else {
      feedSse(text);
    }
  };

  const feedSse = (text: string) => {
    try {
      sse?.feed(text);
    } catch {
      // An event beyond the bound ended the parser: what was read before it counts.
      sse = null;
    }
  };

  return {
    push(chunk) {
      if (typeof chunk === 'string') {
        if (form === 'binary') return;
        bytes.flush();
        feed(chunk);
        return;
      }
      // A binary frame starts with its length, whose first byte is 0: no text does.
      if (form === 'unknown' && document === '' && bytes.empty && chunk[0] === 0) {
        form = 'binary';
        frames = openBedrockStream((event) => events.event(event));
      }
      if (frames === null) bytes.push(chunk);
      else frames.push(chunk);
    },
    pushEvent(event) {
      events.event(event);
    },
    end(reason) {
      bytes.end();
      if (form === 'sse') feedSse('\n\n');
      if (form === 'json' && !overlong) {
        const whole = parseOrNull(document);
        if (isObject(whole) && !events.isEvent(whole)) return extractBody(whole, hint);
        if (isObject(whole)) events.event(whole);
        else if (Array.isArray(whole)) for (const event of whole) events.event(event);
        else for (const line of document.split('\n')) events.text(line);
      }
      // After a broken frame nothing more is known, as if the stream had been cut there.
      return events.end(reason === 'aborted' || frames?.broken === true);
    },
  };
}

function openSse(onData: (data: string) => void): EventSourceParser {
  return createParser({ onEvent: (event) => onData(event.data), maxBufferSize: MAX_EVENT });
}

function parseOrNull(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}

/** Keys by which events of other forms show: such a stream is not one without usage. */
const OTHER_FORMS = ['type', 'event_type', 'done', 'results', 'usageMetadata', 'metadata', 'meta'];

/** Folds events, parsing only those that can matter to the shape of the stream. */
class EventReader {
  readonly #hint: ExtractHint;
  #shape: Shape | null;
  #fold: EventFold | null = null;
  /** The last event that was not parsed: the last word on tier and model may stand in it. */
  #unread: string | null = null;
  #error: JsonObject | null = null;
  #parsed = 0;
  #metrics: JsonObject | null = null;
  /** An event came that belongs to a form that is not known here. */
  #foreign = false;

  constructor(hint: ExtractHint) {
    this.#hint = hint;
    const told = shapeOfHint(hint);
    this.#shape = told?.fold ? told : null;
  }

  /** True for what is an event of a stream rather than a whole body. */
  isEvent(object: JsonObject): boolean {
    const kind = object['object'];
    const type = object['type'];
    const known = SHAPES.some((shape) => shape.fold !== null && shape.recognises(object));
    return known && (typeof kind !== 'string' || kind.endsWith('.chunk')) && type !== 'message';
  }

  text(data: string): void {
    const first = this.#parsed === 0 || this.#fold === null;
    if (!first && this.#fold?.matters(data) === false) {
      this.#unread = data;
      return;
    }
    this.#unread = null;
    if (data === '[DONE]' || data.trim() === '') return;
    this.event(parseOrNull(data));
  }

  event(event: Json): void {
    if (!isObject(event)) return;
    this.#parsed += 1;
    const error = getObject(event, 'error');
    if (error !== null) this.#error = event;
    this.#metrics = getObject(event, 'amazon-bedrock-invocationMetrics') ?? this.#metrics;
    if (this.#fold === null) {
      const own = SHAPES.find((shape) => shape.fold !== null && shape.recognises(event));
      // Chunks of compatible servers may not name their form; what holds no choices is of another one.
      const shape = own ?? (Array.isArray(event['choices']) ? this.#shape : null);
      if (shape === null || shape.fold === null) {
        this.#foreign ||= error === null && (this.#shape === null || hasAny(event, OTHER_FORMS));
        return;
      }
      this.#shape = shape;
      this.#fold = shape.fold();
    }
    this.#fold.add(event);
  }

  end(aborted: boolean): ExtractedUsage {
    const last = this.#unread;
    this.#unread = null;
    if (last?.startsWith('{')) this.event(parseOrNull(last));
    const shape = this.#shape;
    if (shape === null || this.#fold === null) return this.#nothingRead(shape);
    const { body, end } = this.#fold.finish(aborted);
    const reading = readShape(shape, body, this.#withMetrics());
    const source = reading.source === 'reported' && end === 'partial' ? 'partial' : reading.source;
    return { ...reading, source };
  }

  /** The counts that end a stream of a model invoked on Bedrock, as the headers of one that does not stream. */
  #withMetrics(): ExtractHint {
    if (this.#metrics === null) return this.#hint;
    return { ...this.#hint, headers: { ...this.#hint.headers, ...metricsAsHeaders(this.#metrics) } };
  }

  #nothingRead(shape: Shape | null): ExtractedUsage {
    const body = this.#error ?? {};
    const operation = this.#hint.operation ?? shape?.operation ?? 'other';
    if (this.#foreign) {
      throw new ExtractError('unrecognised_body', 'the events of the stream have no form that is known');
    }
    const provider = settleProvider(body, this.#hint, shape);
    return { provider, ...withoutUsage(body, operation, 'the stream carried no usage') };
  }
}
