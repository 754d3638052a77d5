/** Events as a segment holds them, in both directions. */
import type { UsageEvent } from '../../ledger/usage-event.ts';
import { frame, LONGEST_PAYLOAD, readFrames } from './frames.ts';

export interface Framed {
  readonly data: Buffer;
  readonly events: number;
  /** Positions of events that are too long for a reader; `data` holds all others. */
  readonly tooLong: readonly number[];
}

/** Events as they are written. */
export function frameEvents(events: readonly UsageEvent[]): Framed {
  const frames: Buffer[] = [];
  const tooLong: number[] = [];
  for (const [position, event] of events.entries()) {
    const payload = payloadOf(event);
    if (payload === null) tooLong.push(position);
    else frames.push(frame(payload));
  }
  return { data: Buffer.concat(frames), events: frames.length, tooLong };
}

/** Null for an event that is longer than a frame, or than any text may be. */
function payloadOf(event: UsageEvent): Buffer | null {
  let text: string;
  try {
    text = JSON.stringify(event);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
  if (text.length > LONGEST_PAYLOAD) return null;
  const payload = Buffer.from(text);
  return payload.length > LONGEST_PAYLOAD ? null : payload;
}

export interface DamagedBytes {
  readonly offset: number;
  readonly bytes: Buffer;
}

export interface SegmentContent {
  readonly events: readonly UsageEvent[];
  /** Stretches that are not events: torn, with flipped bits, or written by another program. */
  readonly damaged: readonly DamagedBytes[];
}

/** Every whole event of a segment, in order, and what lies between. Never throws on content. */
export function readContent(content: Buffer): SegmentContent {
  const { payloads, damaged: torn } = readFrames(content);
  const damaged: DamagedBytes[] = [...torn];
  const events: UsageEvent[] = [];
  for (const payload of payloads) {
    const event = parseEvent(payload);
    if (event !== null) events.push(event);
    else damaged.push({ offset: payload.byteOffset - content.byteOffset, bytes: payload });
  }
  return { events, damaged };
}

/** A sound frame holds what `append` was given; anything else was put there by someone else. */
function parseEvent(payload: Buffer): UsageEvent | null {
  try {
    const event: unknown = JSON.parse(payload.toString('utf8'));
    return isEvent(event) ? event : null;
  } catch {
    return null;
  }
}

function isEvent(value: unknown): value is UsageEvent {
  return typeof value === 'object' && value !== null && 'tenant' in value && 'segments' in value;
}
