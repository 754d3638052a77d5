/** Messages of Bedrock's binary streams → the events that providers' own streams have. */

import { bytesOfBase64 } from '../json/base64.ts';
import { get, isObject } from '../json/members.ts';
import { parseJson } from '../json/parse-json.ts';
import type { Json } from '../usage/usage.ts';
import { type FramedMessage, FrameReader } from './aws-frames.ts';

/** Reads a binary stream; each event is handed on as JSON. Never throws. `onSkipped` hears of a message that is too long. */
export function openAwsEvents(onEvent: (event: Json) => void, onSkipped: () => void): FrameReader {
  return new FrameReader((message) => {
    const event = eventOf(message);
    if (event !== null) onEvent(event);
  }, onSkipped);
}

/**
 * ConverseStream names the event in a header and sends its fields: `{metadata: {…}}` here, as its JSON form
 * has it. InvokeModel sends chunks that wrap the vendor's own event in base64.
 */
function eventOf({ headers, payload }: FramedMessage): Json {
  const body = parsed(payload);
  if (!isObject(body)) return null;
  const failure = headers.get(':exception-type') ?? headers.get(':error-code');
  if (failure !== undefined) return { error: { type: failure, message: get(body, 'message') ?? null } };
  const wrapped = get(body, 'bytes');
  if (typeof wrapped === 'string') return unwrapped(wrapped);
  const name = headers.get(':event-type');
  return name === undefined || name === 'chunk' ? body : { [name]: body };
}

function unwrapped(base64: string): Json {
  try {
    return parsed(bytesOfBase64(base64));
  } catch {
    return null;
  }
}

function parsed(bytes: Uint8Array): Json {
  try {
    return parseJson(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}
