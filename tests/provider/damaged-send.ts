/** Puts a reply of the fake provider on the wire: compressed, in odd pieces, and with the damage a fault asks for. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGzip, gzipSync } from 'node:zlib';
import type { JsonReply, SseReply } from '../../packages/cli/src/commands/demo/fake-provider/reply.ts';
import {
  type AnswerWire,
  type Sending,
  type SendOutcome,
  streamHeaders,
  wait,
  write,
} from '../../packages/cli/src/commands/demo/fake-provider/send.ts';
import type { Damage } from './faults.ts';

/** What becomes of an answer on its way. */
export interface Handling {
  readonly damage: Damage;
  /** Compress the body. */
  readonly gzip: boolean;
  /** Write the body in pieces of that many bytes; 0: as it comes. */
  readonly split: number;
}

type Wire = AnswerWire & Handling;

/** Sends as the script says. */
export const damagedSending = (handling: Handling): Sending => ({
  json: (response, reply, wire) => sendJson(response, reply, { ...wire, ...handling }),
  stream: (response, reply, wire) => sendStream(response, reply, { ...wire, ...handling }),
});

/** Sends a whole body. */
async function sendJson(response: ServerResponse, reply: JsonReply, wire: Wire): Promise<SendOutcome> {
  const { damage } = wire;
  if (damage.kind === 'reset') return destroy(response);
  await wait(wire.pacing.firstTokenMs + (damage.kind === 'slow' ? damage.ms : 0), wire.signal);
  if (wire.signal.aborted) return 'client-gone';
  const text = JSON.stringify(reply.body);
  const plain = Buffer.from(damage.kind === 'bad-json' ? text.slice(0, Math.ceil(text.length / 2)) : text);
  const bytes = wire.gzip && damage.kind !== 'bad-gzip' ? gzipSync(plain) : plain;
  response.writeHead(reply.status, {
    'content-type': 'application/json',
    ...wire.headers,
    ...reply.headers,
    ...encodingHeader(wire),
    'content-length': bytes.length,
  });
  if (damage.kind === 'cut' || damage.kind === 'stall') {
    const keep = damage.kind === 'cut' ? damage.bytes : undefined;
    return truncate(response, bytes.subarray(0, keep ?? Math.floor(bytes.length / 2)), wire);
  }
  for (const piece of pieces(bytes, wire.split)) await write(response, piece);
  response.end();
  return wire.signal.aborted ? 'client-gone' : 'complete';
}

/** Sends a stream frame by frame; back-pressure is respected. */
async function sendStream(response: ServerResponse, reply: SseReply, wire: Wire): Promise<SendOutcome> {
  const { damage, signal } = wire;
  if (damage.kind === 'reset') return destroy(response);
  const frames = damagedFrames(reply, damage);
  const total = frames.reduce((sum, frame) => sum + Buffer.byteLength(frame), 0);
  const limit =
    damage.kind === 'cut'
      ? (damage.bytes ?? Math.floor(total / 2))
      : damage.kind === 'stall'
        ? Math.floor(total / 2)
        : Infinity;
  await wait(wire.pacing.firstTokenMs + (damage.kind === 'slow' ? damage.ms : 0), signal);
  if (signal.aborted) return 'client-gone';
  response.writeHead(200, { ...streamHeaders(wire.headers), ...encodingHeader(wire) });
  response.flushHeaders();
  const gzip = wire.gzip && damage.kind !== 'bad-gzip' ? createGzip() : undefined;
  gzip?.pipe(response);
  let sent = 0;
  for (let at = 0; at < frames.length || damage.kind === 'endless'; at += 1) {
    if (at > 0 && wire.pacing.perChunkMs > 0) await wait(wire.pacing.perChunkMs, signal);
    if (signal.aborted) return 'client-gone';
    const bytes = Buffer.from(frames[at] ?? reply.filler);
    if (sent + bytes.length > limit) return truncate(response, bytes.subarray(0, limit - sent), wire);
    sent += bytes.length;
    if (gzip === undefined) for (const piece of pieces(bytes, wire.split)) await write(response, piece);
    else {
      gzip.write(bytes);
      await new Promise<void>((done) => gzip.flush(() => done()));
    }
    if (at >= frames.length && wire.pacing.perChunkMs === 0) await wait(5, signal);
  }
  (gzip ?? response).end();
  return signal.aborted ? 'client-gone' : 'complete';
}

function damagedFrames(reply: SseReply, damage: Damage): readonly string[] {
  const middle = Math.floor(reply.frames.length / 2);
  const before = reply.frames.slice(0, middle);
  if (damage.kind === 'endless') return before.slice(0, 4);
  if (damage.kind === 'error-frame') return [...before, reply.error];
  if (damage.kind !== 'malformed-frame' && damage.kind !== 'bad-json') return reply.frames;
  return [...before, 'data: {"broken": tru\n\n', ...reply.frames.slice(middle)];
}

function encodingHeader(wire: Wire): Record<string, string> {
  return wire.gzip || wire.damage.kind === 'bad-gzip' ? { 'content-encoding': 'gzip' } : {};
}

function* pieces(bytes: Buffer, split: number): Generator<Buffer> {
  if (split <= 0) yield bytes;
  else for (let at = 0; at < bytes.length; at += split) yield bytes.subarray(at, at + split);
}

/** Writes what is left to write, then destroys the connection, or leaves it silent until the client goes. */
async function truncate(response: ServerResponse, rest: Buffer, wire: Wire): Promise<SendOutcome> {
  response.flushHeaders();
  await new Promise<void>((done) =>
    rest.length === 0 ? setImmediate(done) : response.write(rest, () => done()),
  );
  if (wire.damage.kind !== 'stall') {
    // A moment for the kernel to deliver: a destroy right behind a write may drop bytes the fault promises.
    await sleep(5);
    return destroy(response);
  }
  if (!wire.signal.aborted) await once(wire.signal, 'abort');
  return 'client-gone';
}

function destroy(response: ServerResponse): SendOutcome {
  response.socket?.destroy();
  return 'cut';
}
