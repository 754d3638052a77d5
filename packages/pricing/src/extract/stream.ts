/** Streams → {@link ExtractedUsage}: bytes, text or parsed events in any split. */

import type { ExtractHint } from '../forms/description/shape.ts';
import { AnswerBytes } from '../framing/answer-bytes.ts';
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

/**
 * Opens an extractor for one stream: server-sent events, newline-delimited JSON, AWS's binary frames, or
 * (where the server answered without streaming) one JSON body; which one shows in its first character. Memory is
 * bounded whatever comes, see {@link AnswerBytes}.
 *
 * @example
 * const stream = openStream({ provider: 'openai', url });
 * for await (const chunk of response.body) stream.push(chunk);
 * const usage = stream.end('complete');
 */
export function openStream(hint: ExtractHint): StreamExtractor {
  const events = new EventReader(hint);
  const bytes = new AnswerBytes(events);
  return {
    push(chunk) {
      bytes.push(chunk);
    },
    pushEvent(event) {
      events.event(event);
    },
    end(reason) {
      const { body, broken } = bytes.end();
      if (body !== null) return events.withCut(extractBody(body, hint));
      // After a broken frame nothing more is known, as if the stream had been cut there.
      return events.end(reason === 'aborted' || broken);
    },
  };
}
