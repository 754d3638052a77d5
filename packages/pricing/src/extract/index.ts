/** Extraction: raw provider response → {@link ExtractedUsage}. One file per provider shape. */
import type { ExtractedUsage, Json, JsonObject, Operation } from '../usage.ts';

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

/** Reads a stream as it arrives. Tolerates any split of the bytes. Never throws after it was opened. */
export interface StreamExtractor {
  /** Raw bytes or text of the stream, split anywhere. */
  push(chunk: string | Uint8Array): void;
  /** One already parsed event (SDK wrappers see objects, not bytes). */
  pushEvent(event: Json): void;
  /** `complete`: the stream ended by itself; `aborted`: the client or the upstream went away. */
  end(reason: 'complete' | 'aborted'): ExtractedUsage;
}

/** A response that cannot be read at all; contradictions are anomalies instead. */
export class ExtractError extends Error {
  override readonly name = 'ExtractError';
  readonly code: 'unknown_provider' | 'unrecognised_body';
  constructor(code: 'unknown_provider' | 'unrecognised_body', message: string) {
    super(message);
    this.code = code;
  }
}

export declare function extractBody(body: Json, hint: ExtractHint): ExtractedUsage;
export declare function extractUsage(usage: Json, hint: ExtractHint): ExtractedUsage;
export declare function openStream(hint: ExtractHint): StreamExtractor;
