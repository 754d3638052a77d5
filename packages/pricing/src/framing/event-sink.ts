/** Receives the events that a framing cuts out of the bytes of an answer. */
import type { Json, JsonObject } from '../usage/usage.ts';

export interface EventSink {
  /** True once nothing more is taken: the rest of the bytes need not be cut. */
  readonly lost: boolean;
  /** One event as text; a large one as its outline. */
  text(data: string): void;
  /** One event that is parsed already. */
  event(event: Json): void;
  /** Notes that objects were left out of an event or of the whole answer. */
  noteCut(): void;
  /** True for an event of a stream, false for a whole body. */
  isEvent(object: JsonObject): boolean;
}
