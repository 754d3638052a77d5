/** Requests that no client library would send: bytes that are barely HTTP, or not at all. */

const many = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join('');

/** What is wrong, and the bytes. */
export const RAW_REQUESTS: readonly (readonly [what: string, bytes: string | Buffer])[] = [
  ['no HTTP', 'hello\r\n\r\n'],
  ['bytes', Buffer.from(Array.from({ length: 300 }, (_, index) => (index * 89) % 256))],
  ['TLS', Buffer.from('16030100a5010000a10303', 'hex')],
  ['an unknown method', 'BREW /api/cost/summary HTTP/1.1\r\nhost: a\r\n\r\n'],
  ['a space in the path', 'GET /api/cost/ summary HTTP/1.1\r\nhost: a\r\n\r\n'],
  ['no path', 'GET  HTTP/1.1\r\nhost: a\r\n\r\n'],
  ['an absolute path', 'GET http://other/api/cost/summary HTTP/1.1\r\nhost: a\r\n\r\n'],
  ['CONNECT', 'CONNECT a:443 HTTP/1.1\r\nhost: a\r\n\r\n'],
  ['HTTP/9', 'GET / HTTP/9.9\r\nhost: a\r\n\r\n'],
  ['no host', 'GET /healthz HTTP/1.1\r\n\r\n'],
  ['NUL in a header', 'GET /healthz HTTP/1.1\r\nhost: a\r\nx-a: \u0000\r\n\r\n'],
  ['a folded header', 'GET /healthz HTTP/1.1\r\nhost: a\r\nx-a: b\r\n c\r\n\r\n'],
  ['a header without a name', 'GET /healthz HTTP/1.1\r\nhost: a\r\n: b\r\n\r\n'],
  [
    'too many headers',
    `GET /healthz HTTP/1.1\r\nhost: a\r\n${many(1_000, (index) => `x-${index}: a\r\n`)}\r\n`,
  ],
  ['a large header', `GET /healthz HTTP/1.1\r\nhost: a\r\nx-a: ${'b'.repeat(40_000)}\r\n\r\n`],
  ['a large path', `GET /${'a'.repeat(40_000)} HTTP/1.1\r\nhost: a\r\n\r\n`],
  ['a percent that is none', 'GET /api/usage/events/%zz HTTP/1.1\r\nhost: a\r\n\r\n'],
  ['half an escape', 'GET /api/usage/events/% HTTP/1.1\r\nhost: a\r\n\r\n'],
  ['an encoded slash', 'GET /api%2fcost%2fsummary HTTP/1.1\r\nhost: a\r\n\r\n'],
  ['dots', 'GET /assets/../../../../etc/passwd HTTP/1.1\r\nhost: a\r\n\r\n'],
  ['encoded dots', 'GET /assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nhost: a\r\n\r\n'],
  ['dots below the reference', 'GET /docs/../../package.json HTTP/1.1\r\nhost: a\r\n\r\n'],
  [
    'two lengths',
    'POST /api/usage/events HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n[]',
  ],
  ['a negative length', 'POST /api/usage/events HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n'],
  [
    'length and chunks',
    'POST /api/usage/events HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  [
    'a chunk size that is none',
    'POST /api/usage/events HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n\r\n',
  ],
  [
    'chunked twice',
    'POST /api/usage/events HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n',
  ],
  ['a lone line feed', 'GET /healthz HTTP/1.1\nhost: a\n\n'],
  [
    'a second request in the body',
    'GET /healthz HTTP/1.1\r\nhost: a\r\ncontent-length: 40\r\n\r\nGET /api/admin/keys HTTP/1.1\r\nhost: a\r\n\r\n',
  ],
];
