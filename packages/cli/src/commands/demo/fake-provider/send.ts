/** Puts a reply on the wire at the pace of a hosted model. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonReply, SseReply } from './reply.ts';

/** Time an answer takes. */
export interface Pacing {
  /** Before the first byte of the body. */
  readonly firstTokenMs: number;
  /** Between frames of a stream. */
  readonly perChunkMs: number;
}

/** What shapes one answer on the wire. */
export interface AnswerWire {
  readonly pacing: Pacing;
  readonly headers: Readonly<Record<string, string>>;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
}

/** How an answer ended. */
export type SendOutcome = 'complete' | 'cut' | 'client-gone';

/** A way to put replies on the wire. */
export interface Sending {
  json(response: ServerResponse, reply: JsonReply, wire: AnswerWire): Promise<SendOutcome>;
  stream(response: ServerResponse, reply: SseReply, wire: AnswerWire): Promise<SendOutcome>;
}

/** The whole answer; a stream frame by frame, back-pressure respected. */
export const plainSending: Sending = {
  async json(response, reply, { pacing, headers, signal }) {
    await wait(pacing.firstTokenMs, signal);
    if (signal.aborted) return 'client-gone';
    const bytes = Buffer.from(JSON.stringify(reply.body));
    response.writeHead(reply.status, {
      'content-type': 'application/json',
      ...headers,
      ...reply.headers,
      'content-length': bytes.length,
    });
    response.end(bytes);
    return 'complete';
  },
  async stream(response, reply, { pacing, headers, signal }) {
    await wait(pacing.firstTokenMs, signal);
    if (signal.aborted) return 'client-gone';
    response.writeHead(200, streamHeaders(headers));
    response.flushHeaders();
    for (const [at, frame] of reply.frames.entries()) {
      if (at > 0) await wait(pacing.perChunkMs, signal);
      if (signal.aborted) return 'client-gone';
      await write(response, Buffer.from(frame));
    }
    response.end();
    return 'complete';
  },
};

/** Headers of a stream of events. */
export const streamHeaders = (headers: Readonly<Record<string, string>>) => ({
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  ...headers,
});

/** Writes, and waits where the client takes no more. */
export async function write(response: ServerResponse, bytes: Buffer): Promise<void> {
  if (response.destroyed || response.write(bytes)) return;
  await Promise.race([once(response, 'drain'), once(response, 'close')]);
}

/** Waits, at most until the client has gone. */
export async function wait(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => undefined);
}
