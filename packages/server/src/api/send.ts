/** Sends what endpoints return in other forms than the plain envelope: with an ETag, as text, as a file, elsewhere. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
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

/** What a `handle` with another kind of answer returned. */
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
    case 'stream': {
      const file = value as StreamedFile;
      if (file.fileName !== undefined) reply.header('content-disposition', attachment(file.fileName));
      return reply.type(file.type).send(Readable.from(file.content, { objectMode: false }));
    }
  }
}

function sendText(text: string, type: string, { request, reply, etag }: Sending): FastifyReply {
  reply.type(type);
  if (!etag) return reply.send(text);
  const tag = `W/"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
  // Whoever asks is part of what is answered; a copy may be kept and must be asked for again.
  reply
    .header('etag', tag)
    .header('cache-control', 'private, no-cache')
    .header('vary', 'authorization, cookie');
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
