/** How an answer is cut into events, by the form of who gives it. */
import { type Framing, framingOf } from '@farthing/pricing/extract';
import type { Call } from '../call.ts';

/**
 * The framing of an answer; null: it is whole. Of a call that passes through unread only the provider is known, so the
 * streams of all its surfaces count: such an answer goes out as it comes.
 */
export function answerFraming({ recorded, provider }: Call, contentType: string | undefined): Framing | null {
  if (recorded !== null) return framingOf(recorded.match.surface.stream, contentType);
  for (const { stream } of provider.form.surfaces) {
    const framing = framingOf(stream, contentType);
    if (framing !== null) return framing;
  }
  return null;
}
