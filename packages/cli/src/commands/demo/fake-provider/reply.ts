/** What an endpoint answers, before it is put on the wire. */

/** A whole JSON body. */
export interface JsonReply {
  readonly kind: 'json';
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server-sent event stream, frame by frame. */
export interface SseReply {
  readonly kind: 'sse';
  readonly frames: readonly string[];
  /** The frame an endless stream repeats: one more piece of text. */
  readonly filler: string;
  /** How this provider reports an error inside a stream. */
  readonly error: string;
}

export type Reply = JsonReply | SseReply;

/** A frame without an event name, as chat completions send. */
export function dataFrame(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

/** A frame named after the `type` of its data, as responses and messages send. */
export function namedFrame(data: { readonly type: string }): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}
