/** Ways to begin an answer: statuses, phrases, headers, and what is no HTTP at all. */
import { gzipSync } from 'node:zlib';
import { direct, GOOD, head, JSON_BODY, JSON_TYPE, type Kind, raw, refused, repeat, sized } from './kind.ts';

const phrases: readonly Kind[] = [
  direct(
    'a phrase in UTF-8',
    raw('HTTP/1.1 429 ', Buffer.from('请求过多'), '\r\nContent-Length: 2\r\n\r\n{}'),
    'error',
  ),
  direct('no phrase', sized('{}', [], '200 ')),
  direct('a phrase of its own', sized('{}', [], '200 Very Well')),
  direct('a phrase with a tab', sized('{}', [], '200 Very\tWell')),
  direct('a phrase of 4,000 letters', sized('{}', [], `200 ${'x'.repeat(4_000)}`)),
  ...['\x01', '\x07', '\x1b[31m', '\x7f', 'caf\xe9', '\xff\xfe'].map(
    (phrase): Kind => ({
      ...direct(
        `a phrase that cannot be written: ${JSON.stringify(phrase)}`,
        sized('{}', [], `200 ${phrase}`),
      ),
      seen: { as: 'direct', phrase: '' },
    }),
  ),
];

const many = (count: number, line: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at));
const headers: readonly Kind[] = [
  direct(
    '10,000 headers',
    sized(
      '{}',
      many(10_000, (at) => `X-${at.toString(36)}: 1`),
    ),
  ),
  direct(
    '5,000 headers of one name',
    sized(
      '{}',
      many(5_000, () => 'Set-Cookie: a=1'),
    ),
  ),
  direct(
    '60 kB of headers',
    sized(
      '{}',
      many(60, (at) => `X-${at}: ${'x'.repeat(990)}`),
    ),
  ),
  refused(
    '80 kB of headers',
    sized(
      '{}',
      many(80, (at) => `X-${at}: ${'x'.repeat(1_000)}`),
    ),
  ),
  refused('a header without end', raw('HTTP/1.1 200 OK\r\nX: ', 'x'.repeat(200_000))),
  direct(
    'header bytes beyond ASCII',
    sized('{}', ['X-Latin: caf\xe9', `X-Utf: ${Buffer.from('zażółć').toString('latin1')}`]),
  ),
  direct('empty and odd names', sized('{}', ["X!#$%&'*+-.^_`|~: 1", 'X-Empty:', 'X-Blank:   '])),
  ...[
    'X-A: a\x00b',
    'X-A: a\x01b',
    'X-A: a\x7fb',
    'X-A: a\rb',
    'X A: b',
    ': b',
    'no colon',
    'X\x80: b',
    'X(A): b',
    '\x00: b',
  ].map((line) => refused(`a header that is none: ${JSON.stringify(line)}`, sized('{}', [line]))),
  refused('a folded header', sized('{}', ['X-A: a\r\n b'])),
  direct('a header named by `connection`', sized('{}', ['Connection: keep-alive', 'Keep-Alive: timeout=1'])),
  {
    ...direct(
      'what is ours',
      sized('{}', [
        'X-Farthing-Event-Id: gw_forged',
        'x_farthing_a: 1',
        'Set-Cookie: farthing_session=x; Path=/',
        'X-A: 1',
      ]),
    ),
  },
  direct('an encoding that is none', sized('not gzip', ['Content-Encoding: gzip'])),
  direct('an encoding cut short', sized(gzipSync(JSON_BODY).subarray(0, 40), ['Content-Encoding: gzip'])),
  direct('an encoding nobody knows', sized('????', ['Content-Encoding: snappy'])),
  direct('two encodings', sized(gzipSync(gzipSync(JSON_BODY)), ['Content-Encoding: gzip, gzip'])),
  direct('bad brotli', sized('?'.repeat(50), ['Content-Encoding: br'])),
  direct('bad zstd', sized('?'.repeat(50), ['Content-Encoding: zstd'])),
  direct('bad deflate', sized('?'.repeat(50), ['Content-Encoding: deflate'])),
];

const interim = (status: string) => raw(`HTTP/1.1 ${status}\r\n\r\n`);
const statuses: readonly Kind[] = [
  ...[
    '429 Too Many Requests',
    '500 Internal Server Error',
    '503 Service Unavailable',
    '529 Overloaded',
    '404 Not Found',
  ].map((status) =>
    direct(
      `a ${status}`,
      sized('{"error":{"message":"no"}}', [JSON_TYPE, 'Retry-After: 7'], status),
      'error',
    ),
  ),
  direct('a 600', sized('{}', [], '600 Odd'), 'error'),
  direct('a 999', sized('{}', [], '999 Odd'), 'error'),
  direct('a redirect', sized('', ['Location: http://127.0.0.1:1/'], '307 Temporary Redirect')),
  direct('a 204 with a body', raw(head('204 No Content', ['X-A: 1']), '{"more":1}')),
  direct('a 304 with a body', raw(head('304 Not Modified', ['ETag: "a"']), '{"more":1}')),
  direct('a 204 with a length', raw(head('204 No Content', ['Content-Length: 5']), 'hello')),
  direct('a 205', sized('', [], '205 Reset Content')),
  refused('a status of four digits', raw('HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n')),
  refused('a status of two digits', raw('HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n')),
  refused('a status that is no number', raw('HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n')),
  refused('a status below 100', raw('HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n')),
  refused('a status of 0', raw('HTTP/1.1 000 Odd\r\nContent-Length: 0\r\n\r\n')),
  refused('a 100 that was not asked for', raw(interim('100 Continue'), GOOD)),
  refused(
    'an upgrade',
    raw('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x01a'),
  ),
  direct(
    'early hints',
    raw(interim('103 Early Hints'), interim('102 Processing'), interim('103 Early Hints'), GOOD),
  ),
  refused('100 early hints', raw(...many(100, () => 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'), GOOD)),
  {
    name: 'early hints for ever',
    answer: (socket) => repeat(socket, interim('103 Early Hints'), 2),
    seen: { as: 'refused', status: 502 },
    event: 'error',
  },
];

const noHttp: readonly Kind[] = [
  refused('nothing', Buffer.alloc(0)),
  refused('a TLS alert', Buffer.from([0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x28])),
  refused('a TLS greeting', Buffer.from([0x16, 0x03, 0x03, 0x00, 0x40, ...Array(64).fill(0x55)])),
  refused('an HTTP/2 greeting', Buffer.from([0, 0, 18, 4, 0, 0, 0, 0, 0, ...Array(18).fill(0)])),
  refused('SSH', raw('SSH-2.0-OpenSSH_9.6\r\n')),
  refused('HTTP/0.9', raw('<html>hello</html>')),
  refused('HTTP/9.9', raw('HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n')),
  refused('lower case', raw('http/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')),
  refused('ICY', raw('ICY 200 OK\r\n\r\n')),
  refused('a request', raw('GET / HTTP/1.1\r\nHost: a\r\n\r\n')),
  refused('noise', Buffer.from(Array.from({ length: 4_096 }, (_, at) => (at * 7919 + 13) % 256))),
];

export const HEAD_KINDS: readonly Kind[] = [...phrases, ...headers, ...statuses, ...noHttp];
