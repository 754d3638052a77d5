/** A way in which a provider answers, and the bytes that answers are made of. */
import type { Socket } from 'node:net';

/**
 * What a client behind the gateway must see: what one without it sees; these bytes of a body and then a cut; some of
 * these bytes and then a cut; the gateway's own refusal; an answer that goes on until the client leaves.
 */
export type Seen =
  | { readonly as: 'direct'; readonly phrase?: string }
  | { readonly as: 'cut'; readonly body: Buffer }
  | { readonly as: 'torn'; readonly of: Buffer }
  | { readonly as: 'refused'; readonly status: 502 | 504 }
  | { readonly as: 'endless' };

export interface Kind {
  readonly name: string;
  readonly answer: (socket: Socket) => void;
  readonly seen: Seen;
  /** Status of the event of a metered call. */
  readonly event: 'ok' | 'error' | 'aborted';
  /** Answers when the head of a request has arrived. */
  readonly early?: boolean;
}

export const FIXED = 'Date: Sat, 01 Jan 2000 00:00:00 GMT';
export const JSON_TYPE = 'Content-Type: application/json';
export const USAGE = '{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18}';
export const JSON_BODY = `{"id":"c1","object":"chat.completion","model":"gpt-5-mini","choices":[{"index":0,"message":{"role":"assistant","content":"a farthing"}}],"usage":${USAGE}}`;
export const frame = (rest: string) =>
  `data: {"id":"c1","object":"chat.completion.chunk","model":"gpt-5-mini",${rest}}\n\n`;
export const piece = (text: string) => frame(`"choices":[{"index":0,"delta":{"content":"${text}"}}]`);
export const STREAM = `${piece('one')}${piece('two')}${frame(`"choices":[],"usage":${USAGE}`)}data: [DONE]\n\n`;

export const bytesOf = (text: string | Buffer) =>
  Buffer.isBuffer(text) ? text : Buffer.from(text, 'latin1');
export const raw = (...parts: readonly (string | Buffer)[]) => Buffer.concat(parts.map(bytesOf));
/** A head; `lines` behind the status line. */
export const head = (status: string, lines: readonly string[] = []) =>
  raw(`${[`HTTP/1.1 ${status}`, FIXED, ...lines].join('\r\n')}\r\n\r\n`);
export const sized = (body: string | Buffer, lines: readonly string[] = [JSON_TYPE], status = '200 OK') =>
  raw(head(status, [...lines, `Content-Length: ${bytesOf(body).length}`]), body);
export const chunk = (body: string | Buffer) => raw(`${bytesOf(body).length.toString(16)}\r\n`, body, '\r\n');
export const CHUNKED = 'Transfer-Encoding: chunked';
export const chunked = (body: string | Buffer, lines: readonly string[] = [JSON_TYPE], end = '0\r\n\r\n') =>
  raw(head('200 OK', [...lines, CHUNKED]), chunk(body), end);
export const EVENTS = 'Content-Type: text/event-stream';
export const GOOD = sized(JSON_BODY);
export const GOOD_STREAM = chunked(STREAM, [EVENTS]);

export const write = (bytes: Buffer) => (socket: Socket) => void socket.write(bytes);
export const writeAndEnd = (bytes: Buffer) => (socket: Socket) => void socket.end(bytes);
export const writeAndReset = (bytes: Buffer) => (socket: Socket) => {
  const reset = () => setTimeout(() => socket.resetAndDestroy(), 5);
  if (bytes.length === 0) socket.resetAndDestroy();
  else socket.write(bytes, reset);
};

export const direct = (name: string, bytes: Buffer, event: Kind['event'] = 'ok'): Kind => ({
  name,
  answer: write(bytes),
  seen: { as: 'direct' },
  event,
});
export const refused = (name: string, bytes: Buffer): Kind => ({
  name,
  answer: writeAndEnd(bytes),
  seen: { as: 'refused', status: 502 },
  event: 'error',
});
export const cut = (
  name: string,
  bytes: Buffer,
  body: string | Buffer,
  event: Kind['event'] = 'aborted',
): Kind => ({
  name,
  answer: writeAndEnd(bytes),
  seen: { as: 'cut', body: bytesOf(body) },
  event,
});

/** Writes the same again and again, as fast as it is taken or with pauses, until the other side closes. */
export function repeat(socket: Socket, bytes: Buffer, pauseMs: number): void {
  const next = () => {
    if (!socket.writable) return;
    if (pauseMs > 0) {
      socket.write(bytes);
      setTimeout(next, pauseMs);
    } else if (socket.write(bytes)) setImmediate(next);
    else socket.once('drain', next);
  };
  next();
}

/** Writes in pieces of a few bytes from a position on. */
export function drip(socket: Socket, bytes: Buffer, from: number): void {
  socket.setNoDelay(true);
  socket.write(bytes.subarray(0, from));
  let at = from;
  const next = () => {
    if (at >= bytes.length || !socket.writable) return;
    socket.write(bytes.subarray(at, at + 7));
    at += 7;
    setImmediate(next);
  };
  setImmediate(next);
}
