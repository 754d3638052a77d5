/** Folds the events of a stream, parsing only those that can matter to its shape. */

import type { EventFold, ExtractHint, Shape, StreamEnd } from '../forms/description/shape.ts';
import { withoutUsage } from '../forms/fields/envelope.ts';
import { headersOfEvent } from '../forms/hosting.ts';
import { SHAPES, shapeOfHint } from '../forms/shapes.ts';
import type { EventSink } from '../framing/event-sink.ts';
import { getObject, hasAny, isObject } from '../json/members.ts';
import { parseOrNull } from '../json/parse-json.ts';
import type { Anomaly, ExtractedUsage, Json, JsonObject } from '../usage/usage.ts';
import { boundedReading } from './bounded-reading.ts';
import { ExtractError } from './errors.ts';
import { readShape, settleProvider } from './extract-body.ts';

/** Keys that reveal events of other forms: such a stream must not count as one without usage. */
const OTHER_FORMS = ['type', 'event_type', 'done', 'results', 'usageMetadata', 'metadata', 'meta'];

/** After so many events of no known form, or that are not JSON, a stream is not read further. */
const MOST_FOREIGN = 1_000;
const BEGINS_OBJECT = /^\s*\{/;

/** Not everything was read: counts may be in what was left out. */
const ANSWER_CUT: Anomaly = {
  code: 'answer_cut',
  message:
    'the answer is larger than what is read of one; counts that stand only in what was left out are missing',
};

export class EventReader implements EventSink {
  readonly #hint: ExtractHint;
  #shape: Shape | null;
  #fold: EventFold | null = null;
  /** The last event that was not parsed: it may hold the final tier and model. */
  #unread: string | null = null;
  #error: JsonObject | null = null;
  #failed = false;
  #parsed = 0;
  /** What events state instead of headers. */
  #headers: { readonly [name: string]: string } | null = null;
  /** An event came that belongs to a form that is not known here. */
  #foreign = false;
  #unknown = 0;
  #cut = false;

  constructor(hint: ExtractHint) {
    this.#hint = hint;
    const told = shapeOfHint(hint);
    this.#shape = told?.fold ? told : null;
  }

  /** True for an event of a stream, false for a whole body. */
  isEvent(object: JsonObject): boolean {
    const kind = object['object'];
    const type = object['type'];
    const known = SHAPES.some((shape) => shape.fold !== null && shape.recognises(object));
    return known && (typeof kind !== 'string' || kind.endsWith('.chunk')) && type !== 'message';
  }

  /** True once nothing more is read, because too many events were of no known form. */
  get lost(): boolean {
    return this.#unknown > MOST_FOREIGN;
  }

  /** Notes that objects were left out of an event or of the whole answer. */
  noteCut(): void {
    this.#cut = true;
  }

  /** The reading, with the anomaly `answer_cut` where something was left out. */
  withCut(usage: ExtractedUsage): ExtractedUsage {
    return this.#cut ? { ...usage, anomalies: [...usage.anomalies, ANSWER_CUT] } : usage;
  }

  /** One event as text; a large one as its outline. */
  text(data: string): void {
    if (this.lost) return;
    const first = this.#parsed === 0 || this.#fold === null;
    if (!first && this.#fold?.matters(data) === false) {
      this.#unread = data;
      return;
    }
    this.#unread = null;
    if (!BEGINS_OBJECT.test(data)) return;
    const event = parseOrNull(data);
    if (event === null) this.#unknown += 1;
    this.event(event);
  }

  event(event: Json): void {
    if (!isObject(event) || this.lost) return;
    this.#parsed += 1;
    const error = getObject(event, 'error');
    if (error !== null) this.#error = event;
    this.#failed ||= error !== null || event['type'] === 'error';
    this.#headers = headersOfEvent(event) ?? this.#headers;
    if (this.#fold === null) {
      const own = SHAPES.find((shape) => shape.fold !== null && shape.recognises(event));
      // Chunks of compatible servers may not name their form; a chunk without choices is of another form.
      const shape = own ?? (Array.isArray(event['choices']) ? this.#shape : null);
      if (shape === null || shape.fold === null) {
        this.#unknown += 1;
        this.#foreign ||= error === null && (this.#shape === null || hasAny(event, OTHER_FORMS));
        return;
      }
      this.#shape = shape;
      this.#fold = shape.fold();
    }
    this.#fold.add(event);
  }

  end(aborted: boolean): ExtractedUsage {
    this.#readLast();
    const shape = this.#shape;
    if (shape === null || this.#fold === null) return this.#nothingRead(shape);
    const { body, end } = this.#fold.finish(aborted);
    const reading = readShape(shape, body, this.#hintWithHeaders());
    const source = reading.source === 'reported' && end === 'partial' ? 'partial' : reading.source;
    return this.withCut({ ...reading, source });
  }

  /** The body that the events so far add up to; the stream may have been cut. `failed`: an event reported an error. */
  folded(): { readonly body: JsonObject | null; readonly end: StreamEnd; readonly failed: boolean } {
    this.#readLast();
    const { body, end } = this.#fold?.finish(true) ?? { body: null, end: 'partial' };
    return { body, end, failed: this.#failed };
  }

  #readLast(): void {
    const last = this.#unread;
    this.#unread = null;
    if (last?.startsWith('{')) this.event(parseOrNull(last));
  }

  #hintWithHeaders(): ExtractHint {
    if (this.#headers === null) return this.#hint;
    return { ...this.#hint, headers: { ...this.#hint.headers, ...this.#headers } };
  }

  #nothingRead(shape: Shape | null): ExtractedUsage {
    const body = this.#error ?? {};
    const operation = this.#hint.operation ?? shape?.operation ?? 'other';
    if (this.#foreign) {
      throw new ExtractError('unrecognised_body', 'the events of the stream have no form that is known');
    }
    const provider = settleProvider(body, this.#hint, shape);
    const nothing = boundedReading(withoutUsage(body, operation, 'the stream carried no usage'));
    return this.withCut({ provider, ...nothing });
  }
}
