/** Ways to send a body: whole and odd, broken off, torn, slow, endless. */
import type { Socket } from 'node:net';
import {
  bytesOf,
  CHUNKED,
  chunk,
  chunked,
  cut,
  direct,
  drip,
  EVENTS,
  FIXED,
  GOOD,
  GOOD_STREAM,
  head,
  JSON_BODY,
  JSON_TYPE,
  type Kind,
  piece,
  raw,
  refused,
  repeat,
  type Seen,
  STREAM,
  sized,
  write,
  writeAndEnd,
  writeAndReset,
} from './kind.ts';

/** `count` positions over all bytes but the last. */
const positions = (bytes: Buffer, count: number) =>
  Array.from({ length: count }, (_, at) => Math.floor((at * (bytes.length - 1)) / (count - 1)));

/** Broken off at a position, in order or by a reset. */
function brokenAt(what: string, whole: Buffer, at: number, how: 'closed' | 'reset'): Kind {
  const bodyAt = whole.indexOf('\r\n\r\n') + 4;
  const body = whole.subarray(bodyAt, at);
  const begun = at >= bodyAt;
  const seen: Seen = how === 'reset' ? { as: 'torn', of: body } : { as: 'cut', body };
  return {
    name: `${what} ${how} at byte ${at}`,
    answer: (how === 'reset' ? writeAndReset : writeAndEnd)(whole.subarray(0, at)),
    seen: begun ? seen : { as: 'refused', status: 502 },
    event: begun ? 'aborted' : 'error',
  };
}

const broken: readonly Kind[] = [
  ...positions(GOOD, 30).map((at) => brokenAt('an answer', GOOD, at, 'reset')),
  ...positions(GOOD, 15).map((at) => brokenAt('an answer', GOOD, at, 'closed')),
];

const lengths: readonly Kind[] = [
  cut(
    'a length beyond the body',
    raw(head('200 OK', [JSON_TYPE, 'Content-Length: 500']), '{"a":1}'),
    '{"a":1}',
  ),
  direct('a length short of the body', raw(head('200 OK', ['Content-Length: 2']), '{}{"more":1}')),
  direct('a length of 0 and a body', raw(head('200 OK', ['Content-Length: 0']), '{"more":1}')),
  refused('a negative length', raw(head('200 OK', ['Content-Length: -2']), '{}')),
  refused('a signed length', raw(head('200 OK', ['Content-Length: +2']), '{}')),
  refused('a length that is no number', raw(head('200 OK', ['Content-Length: two']), '{}')),
  refused(
    'a length that no number holds',
    raw(head('200 OK', ['Content-Length: 99999999999999999999999']), '{}'),
  ),
  refused('the same length twice', raw(head('200 OK', ['Content-Length: 2', 'Content-Length: 2']), '{}')),
  refused('two lengths', raw(head('200 OK', ['Content-Length: 2', 'Content-Length: 7']), '{"a":1}')),
  refused('a list of lengths', raw(head('200 OK', ['Content-Length: 2, 2']), '{}')),
  refused('a length and chunks', raw(head('200 OK', ['Content-Length: 2', CHUNKED]), '2\r\n{}\r\n0\r\n\r\n')),
  refused('chunks and a length', raw(head('200 OK', [CHUNKED, 'Content-Length: 2']), '2\r\n{}\r\n0\r\n\r\n')),
  {
    ...direct('no length: until the end', raw(head('200 OK', [JSON_TYPE]), JSON_BODY)),
    answer: writeAndEnd(raw(head('200 OK', [JSON_TYPE]), JSON_BODY)),
  },
  {
    ...direct('HTTP/1.0', GOOD),
    answer: writeAndEnd(raw(`HTTP/1.0 200 OK\r\n${FIXED}\r\n${JSON_TYPE}\r\n\r\n`, JSON_BODY)),
  },
];

const first = '3\r\n{"a\r\n';
const badChunks = (name: string, rest: string) =>
  cut(name, raw(head('200 OK', [JSON_TYPE, CHUNKED]), first, rest), '{"a');
const chunks: readonly Kind[] = [
  badChunks('a chunk size that is none', 'zz\r\nxx\r\n0\r\n\r\n'),
  badChunks('a negative chunk size', '-1\r\nxx\r\n0\r\n\r\n'),
  badChunks('a chunk size that no number holds', 'ffffffffffffffffffff\r\nxx'),
  cut(
    'a chunk without its line break',
    raw(head('200 OK', [JSON_TYPE, CHUNKED]), first, '2\r\nxx0\r\n\r\n'),
    '{"axx',
  ),
  badChunks('chunks that end early', '20\r\n'),
  cut('chunks without the last', raw(head('200 OK', [JSON_TYPE, CHUNKED]), first), '{"a'),
  direct('a chunk with an extension', chunked('{}', [JSON_TYPE], '0;a=b\r\n\r\n')),
  direct(
    'chunks of one byte',
    raw(head('200 OK', [JSON_TYPE, CHUNKED]), ...Array.from(JSON_BODY, chunk), '0\r\n\r\n'),
  ),
  direct('no body in chunks', raw(head('200 OK', [CHUNKED]), '0\r\n\r\n')),
  direct('trailers', chunked('{}', [JSON_TYPE, 'Trailer: X-T'], '0\r\nX-T: 1\r\n\r\n')),
  direct(
    'trailers that are ours',
    chunked('{}', [JSON_TYPE], '0\r\nX-Farthing-Event-Id: 1\r\nSet-Cookie: farthing_session=1\r\n\r\n'),
  ),
  cut('trailers that are none', chunked('{}', [JSON_TYPE], '0\r\nno trailer\r\n\r\n'), '{}'),
  cut('trailers without end', chunked('{}', [JSON_TYPE], `0\r\nX-T: ${'t'.repeat(80_000)}`), '{}'),
];

const streams: readonly Kind[] = [
  direct('a stream', GOOD_STREAM),
  direct('bad JSON', sized('{"a":')),
  direct('JSON that is no answer', sized('[1,2,3]')),
  direct('a stream without its end event', chunked(STREAM.replace('data: [DONE]\n\n', ''), [EVENTS])),
  direct('a stream with broken JSON', chunked(STREAM.replace('"delta"', '"del'), [EVENTS])),
  direct('a stream with more behind its end', chunked(`${STREAM}${piece('more')}`, [EVENTS])),
  direct(
    'a stream of an error',
    chunked(`${piece('one')}data: {"error":{"message":"boom"}}\n\n`, [EVENTS]),
    'error',
  ),
  direct('JSON called a stream', chunked(JSON_BODY, [EVENTS])),
  direct('a stream called JSON', chunked(STREAM)),
  direct('one event of 2 MB', chunked(`${piece('x'.repeat(2_000_000))}data: [DONE]\n\n`, [EVENTS])),
  cut(
    'a stream that ends amid an event',
    raw(head('200 OK', [EVENTS, CHUNKED]), chunk(STREAM.slice(0, 180))),
    STREAM.slice(0, 180),
  ),
  direct('an answer and another one', raw(GOOD, GOOD)),
  { ...direct('an answer, and half a close', GOOD), answer: writeAndEnd(GOOD) },
  { ...direct('an answer and noise', GOOD), answer: write(raw(GOOD, '\x00\x01\x02 noise')) },
  {
    ...direct(
      'an answer before the request was read',
      sized('{"error":{}}', [JSON_TYPE], '413 Too Large'),
      'error',
    ),
    early: true,
  },
  {
    ...direct('an answer before the request was read, and a close', GOOD, 'error'),
    answer: writeAndEnd(sized('{"error":{}}', [JSON_TYPE, 'Connection: close'], '413 Too Large')),
    early: true,
  },
  {
    ...direct('a late first byte', GOOD),
    answer: (socket) => void setTimeout(() => socket.write(GOOD), 300),
  },
  {
    // A decoder sees the phrase in pieces and keeps the last one: the result does not matter here.
    ...direct('a few bytes at a time', GOOD_STREAM),
    answer: (socket) => drip(socket, GOOD_STREAM, GOOD_STREAM.indexOf('\r\n') + 2),
  },
];

const silent: readonly Kind[] = [
  { name: 'silence', answer: () => undefined, seen: { as: 'refused', status: 504 }, event: 'error' },
  {
    name: 'silence within the head',
    answer: write(GOOD.subarray(0, 30)),
    seen: { as: 'refused', status: 504 },
    event: 'error',
  },
  {
    name: 'silence within the body',
    answer: write(raw(head('200 OK', ['Content-Length: 500']), '{"a":1}')),
    seen: { as: 'cut', body: bytesOf('{"a":1}') },
    event: 'aborted',
  },
];

const endless: readonly Kind[] = [
  ['a stream', raw(head('200 OK', [EVENTS, CHUNKED])), chunk(piece('x'.repeat(8_000)))] as const,
  ['a stream of no event', raw(head('200 OK', [EVENTS, CHUNKED])), chunk('x'.repeat(8_000))] as const,
  ['JSON', raw(head('200 OK', [JSON_TYPE, CHUNKED])), chunk(`"${'x'.repeat(8_000)}",`)] as const,
  ['bytes', raw(head('200 OK', ['Content-Type: application/octet-stream'])), Buffer.alloc(8_192, 7)] as const,
].map(([name, begin, more]) => ({
  name: `${name} for ever`,
  answer: (socket: Socket) => {
    socket.write(begin);
    repeat(socket, more, 0);
  },
  seen: { as: 'endless' },
  event: 'aborted',
}));

export const BODY_KINDS: readonly Kind[] = [
  ...broken,
  ...lengths,
  ...chunks,
  ...streams,
  ...silent,
  ...endless,
];
