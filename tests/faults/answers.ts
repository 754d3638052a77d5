/** Answers of a provider that try to freeze a usage reader or fill its memory, and a server that gives them. */
import { createServer } from 'node:http';
import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { SHAPES, type Shape, VALUES } from './shapes.ts';

export interface HostileAnswer {
  readonly name: string;
  /** Makes the bytes: only those that are sent are made. */
  readonly make: () => Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

interface Place {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly streams?: boolean;
}

const USAGE = '"usage":{"prompt_tokens":1,"completion_tokens":1}';
const CHUNK = '{"object":"chat.completion.chunk","model":"m"';
const FIRST = `data: ${CHUNK},"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n`;
const LAST = `data: ${CHUNK},"choices":[],${USAGE}}\n\ndata: [DONE]\n\n`;

const PLACES: readonly Place[] = [
  { name: 'the whole answer', before: '', after: '' },
  { name: 'the whole stream', before: '', after: '', streams: true },
  { name: 'usage', before: '{"object":"chat.completion","model":"m","usage":', after: '}' },
  {
    name: 'a count',
    before: '{"object":"chat.completion","usage":{"completion_tokens":1,"prompt_tokens":',
    after: '}}',
  },
  { name: 'choices', before: '{"object":"chat.completion","model":"m","choices":', after: `,${USAGE}}` },
  { name: 'a model', before: `{"object":"chat.completion",${USAGE},"model":`, after: '}' },
  { name: 'an id', before: `{"object":"chat.completion","model":"m",${USAGE},"id":`, after: '}' },
  { name: 'data of an event', before: `${FIRST}data: `, after: `\n\n${LAST}`, streams: true },
  {
    name: 'choices of an event',
    before: `${FIRST}data: ${CHUNK},"choices":`,
    after: `}\n\n${LAST}`,
    streams: true,
  },
  {
    name: 'usage of an event',
    before: `${FIRST}data: ${CHUNK},"choices":[],"usage":`,
    after: '}\n\n',
    streams: true,
  },
  { name: 'a line of no field', before: FIRST, after: `\n\n${LAST}`, streams: true },
  { name: 'behind the end', before: `${FIRST}${LAST}`, after: '\n', streams: true },
  { name: 'a list of events', before: `[${CHUNK}},`, after: `,${CHUNK},"choices":[],${USAGE}}]` },
];

const ENCODINGS = {
  identity: (bytes: Buffer) => bytes,
  gzip: (bytes: Buffer) => gzipSync(bytes, { level: 1 }),
  br: (bytes: Buffer) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
  zstd: (bytes: Buffer) => zstdCompressSync(bytes),
} as const;
export type Encoding = keyof typeof ENCODINGS;

function answerOf(shape: Shape, place: Place, size: number, encoding: Encoding): HostileAnswer {
  const make = () => Buffer.concat([Buffer.from(place.before), shape.make(size), Buffer.from(place.after)]);
  return {
    name: `${shape.name} as ${place.name}, ${size} bytes, ${encoding}`,
    make: () => ENCODINGS[encoding](make()),
    headers: {
      'content-type': place.streams === true ? 'text/event-stream' : 'application/json',
      ...(encoding === 'identity' ? {} : { 'content-encoding': encoding }),
    },
  };
}

/** Answers on a metered path, made one by one. */
export function* answers(size: number, encoding: Encoding = 'identity'): Generator<HostileAnswer> {
  for (const place of PLACES) {
    const shapes = place.name.startsWith('the whole') || place.streams === true ? SHAPES : VALUES;
    for (const shape of shapes) yield answerOf(shape, place, size, encoding);
  }
}

/** A provider that gives the set answer to every request. */
export async function startAnswering(): Promise<{
  readonly url: string;
  give(answer: HostileAnswer): void;
  close(): Promise<void>;
}> {
  let next: { readonly headers: HostileAnswer['headers']; readonly bytes: Buffer } | null = null;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, next?.headers ?? {});
      response.end(next?.bytes ?? '{}');
    });
    response.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  return {
    url: `http://127.0.0.1:${address.port}`,
    give: (answer) => {
      next = { headers: answer.headers, bytes: answer.make() };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
