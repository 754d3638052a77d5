/** Sends what endpoints return in other forms than the plain envelope: with an ETag, as text, as a file, elsewhere. */
import { createHash } from 'node:crypto';
import { Socket } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type AnswerKind, SENT, type StreamedFile } from './answer-kinds.ts';

interface Sending {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly etag: boolean;
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** The envelope as text, with an ETag where it is wanted. */
export function sendEnvelope(envelope: object, sending: Sending): FastifyReply {
  return sendText(JSON.stringify(envelope), JSON_TYPE, sending);
}

/** The result of a `handle` whose answer is not the JSON envelope. */
export function sendKind(answer: AnswerKind, value: unknown, sending: Sending): FastifyReply {
  const { reply } = sending;
  switch (answer.kind) {
    case 'events':
      if (value !== SENT) throw new Error('An endpoint of events returned something else than SENT.');
      return reply;
    case 'redirect':
      return reply.redirect(String(value), 303);
    case 'text':
      return sendText(String(value), answer.type, sending);
    case 'stream':
      return sendFile(value as StreamedFile, sending);
  }
}

/** A client that reads nothing for this long, or twice as long (Node checks once more), is disconnected. */
const STALLED_MS = 120_000;

function sendFile({ type, fileName, content }: StreamedFile, { request, reply }: Sending): FastifyReply {
  const { socket } = reply.raw;
  // Without a listener, Node closes a connection that has been idle this long.
  if (socket instanceof Socket) reply.raw.setTimeout(STALLED_MS);
  if (fileName !== undefined) reply.header('content-disposition', attachment(fileName));
  reply.type(type).header('vary', 'accept-encoding');
  const plain = Readable.from(content, { objectMode: false });
  plain.on('error', (error: Error & { code?: string }) => {
    // A client that leaves ends the production of its file: that is no failure.
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') request.log.error({ err: error }, 'A file broke off');
  });
  if (!takesGzip(request.headers['accept-encoding'])) return reply.send(plain);
  // A failure on either side ends the other, and the answer is cut off.
  return reply
    .header('content-encoding', 'gzip')
    .send(pipeline(plain, createGzip({ level: 4 }), () => undefined));
}

/** True if `Accept-Encoding` names gzip and does not refuse it. */
function takesGzip(header: string | string[] | undefined): boolean {
  const gzip = String(header ?? '')
    .split(',')
    .map((one) => one.trim().toLowerCase())
    .find((one) => /^(x-)?gzip\s*(;|$)/.test(one));
  return gzip !== undefined && !/;\s*q=0(\.0*)?\s*$/.test(gzip);
}

function sendText(text: string, type: string, { request, reply, etag }: Sending): FastifyReply {
  reply.type(type);
  if (!etag) return reply.send(text);
  const tag = `W/"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
  reply.header('etag', tag).header('vary', 'authorization, cookie');
  // The answer depends on the caller, and a cached copy must be revalidated. A browser must not cache it at all: the
  // copy would stay on disk after the user has signed out.
  if (request.identity?.kind !== 'session') reply.header('cache-control', 'private, no-cache');
  return names(request.headers['if-none-match'], tag) ? reply.code(304).send() : reply.send(text);
}

/** True where `If-None-Match` has the tag, or `*`. Weak and strong ones compare alike here (RFC 9110, 13.1.2). */
function names(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  const opaque = (one: string) => one.trim().replace(/^W\//, '');
  return header.trim() === '*' || header.split(',').some((one) => opaque(one) === opaque(tag));
}

/** Names of files are made by us: letters, digits, dots, dashes. Anything else is replaced. */
const attachment = (name: string): string => `attachment; filename="${name.replace(/[^\w.-]/g, '_')}"`;
