/** A stream → the body the same call would have had without streaming, as far as its usage goes. */
import type { StreamForm } from '../forms/description/provider-form.ts';
import type { ExtractHint } from '../forms/description/shape.ts';
import { AnswerBytes } from '../framing/answer-bytes.ts';
import { StreamEndFinder } from '../framing/stream-end.ts';
import type { JsonObject } from '../usage/usage.ts';
import { EventReader } from './event-reader.ts';

/** How a stream says that it ended. `open`: it did not say, so it was cut. */
export type StreamWord = 'open' | 'ended' | 'failed';

export interface FoldedStream {
  /** Null where no event came of a form that is known. */
  readonly body: JsonObject | null;
  readonly word: StreamWord;
}

/** Folds a stream as it arrives. */
export interface StreamFold {
  /** Raw bytes, split anywhere. Takes time in proportion to the chunk, keeps none of its memory. Never throws. */
  push(chunk: Uint8Array): void;
  end(): FoldedStream;
}

/**
 * Opens a fold, for an answer that is sent on and read elsewhere: an SDK sends a body of some hundred bytes instead of
 * a stream. `extractBody` reads the same from it as `openStream` reads from the stream.
 *
 * @param form how the stream looks; null where its marks are not known
 *
 * @example
 * const fold = openFold({ provider: 'openai', surface: 'chat' }, surface.stream);
 * for await (const chunk of response.body) fold.push(chunk);
 * const { body, word } = fold.end();
 */
export function openFold(hint: ExtractHint, form: StreamForm | null): StreamFold {
  const events = new EventReader(hint);
  const bytes = new AnswerBytes(events);
  const finder = new StreamEndFinder(form ?? NO_MARKS);
  let marked = false;
  return {
    push(chunk) {
      marked = finder.push(chunk) !== 'running' || marked;
      bytes.push(chunk);
    },
    end() {
      const whole = bytes.end().body;
      if (whole !== null) return { body: whole, word: 'ended' };
      const { body, end, failed } = events.folded();
      if (failed || finder.failed || body?.['status'] === 'failed') return { body, word: 'failed' };
      return { body, word: marked || end === 'final' ? 'ended' : 'open' };
    },
  };
}

const NO_MARKS = { ends: null, errors: null };
