/** The seam of extraction: one {@link Shape} per form in which providers report usage. */
import type { ExtractedUsage, JsonObject, Operation } from '../../usage/usage.ts';

/** What the caller knows about a response besides its body. Everything is optional; the body decides where it can. */
export interface ExtractHint {
  readonly provider?: string;
  readonly url?: string;
  /** chat, responses, embeddings, messages, … */
  readonly surface?: string;
  readonly operation?: Operation;
  readonly headers?: { readonly [name: string]: string };
  readonly requestModel?: string;
  readonly status?: number;
  /** Billing-relevant part of the request, as sent. */
  readonly request?: JsonObject;
}

/** What a shape gets: the hint, with the provider resolved. */
export interface ReadContext extends ExtractHint {
  readonly provider: string;
}

/** What a shape reads; the provider is settled before. */
export type Reading = Omit<ExtractedUsage, 'provider'>;

/** How far a stream got. `partial`: it stopped before the final usage. */
export type StreamEnd = 'final' | 'partial';

/** Folds the events of a stream into the body the provider would have sent without streaming. */
export interface EventFold {
  /** Cheap test on an event's raw text: false = the event cannot matter and is not parsed. */
  matters(text: string): boolean;
  add(event: JsonObject): void;
  /** The folded body, and whether it holds the final usage. `aborted`: the stream was cut by someone. */
  finish(aborted: boolean): { readonly body: JsonObject; readonly end: StreamEnd };
}

/** One form of provider response. Adding a form = one file with a Shape and one line in `shapes.ts`. */
export interface Shape {
  /** Names the form in `convention`, e.g. `openai.chat`. */
  readonly id: string;
  readonly operation: Operation;
  /** Names callers give this surface. */
  readonly surfaces: readonly string[];
  /** Matches the path of the URL that answers in this form. */
  readonly path: RegExp;
  /** True for a body or stream event that says by itself that it is of this form. */
  recognises(body: JsonObject): boolean;
  /** True for a usage object with counts of this form. */
  recognisesUsage(usage: JsonObject): boolean;
  read(body: JsonObject, context: ReadContext): Reading;
  /** Null: this form does not stream. */
  readonly fold: (() => EventFold) | null;
  /** Headers that are read too, by the beginning of their lower-cased names. */
  readonly headers?: readonly string[];
  /** The provider's own usage object, where a library passes it on beside its own reading of it. */
  readonly raw?: (body: JsonObject) => JsonObject | null;
  /** How a body that sums up several calls is read call by call. */
  readonly steps?: Steps;
}

/** The calls of which a library's result is the sum. */
export interface Steps {
  /** The calls, where each can be billed; else null. */
  of(body: JsonObject): readonly JsonObject[] | null;
  /** One reading of all. `whole`: what the body says as a whole. Null where the calls do not say enough. */
  join(whole: Reading, steps: readonly Reading[]): Reading | null;
}

/** A host of other makers' models: what its URL, headers and events say about the price in addition to a body. */
export interface Hosting {
  readonly provider: string;
  /** Headers that are read, by the beginning of their lower-cased names. */
  readonly headers: readonly string[];
  /** The reading with what URL and headers add. Header names in any case. */
  adjust(reading: Reading, hint: ExtractHint): Reading;
  /** What an event of a stream says in place of headers; null for other events. Null: no event does. */
  readonly headersOf: ((event: JsonObject) => { readonly [name: string]: string } | null) | null;
}
