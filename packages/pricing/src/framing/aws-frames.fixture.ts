/** Makes frames of AWS's event-stream format for tests. */
import { crc32 } from './aws-frames.ts';

/** One message with string headers. */
export function frame(headers: { readonly [name: string]: string }, payload: string): Uint8Array {
  const text = new TextEncoder();
  const head = Object.entries(headers).flatMap(([name, value]) => {
    const [key, content] = [text.encode(name), text.encode(value)];
    return [key.length, ...key, 7, content.length >> 8, content.length & 0xff, ...content];
  });
  const body = text.encode(payload);
  const bytes = new Uint8Array(16 + head.length + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length);
  view.setUint32(4, head.length);
  view.setUint32(8, crc32(bytes, 0, 8));
  bytes.set(head, 12);
  bytes.set(body, 12 + head.length);
  view.setUint32(bytes.length - 4, crc32(bytes, 0, bytes.length - 4));
  return bytes;
}

/** An event of ConverseStream. */
export function converseFrame(name: string, fields: object): Uint8Array {
  return frame({ ':event-type': name, ':message-type': 'event' }, JSON.stringify(fields));
}

/** A chunk of a model invoked as a stream: the vendor's event in base64. */
export function chunkFrame(event: object): Uint8Array {
  const bytes = btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(event))));
  return frame({ ':event-type': 'chunk', ':message-type': 'event' }, JSON.stringify({ bytes, p: 'abc' }));
}
