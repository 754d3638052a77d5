/** Request bodies that are meant to freeze or fill a server, for both doors: the event routes and the gateway. */
import { gzipSync } from 'node:zlib';
import { SHAPES, type Shape, VALUES } from './shapes.ts';

export interface HostileBody {
  readonly name: string;
  /** Makes the bytes: only those that are sent are made. */
  readonly make: () => Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** Path and query on the server. */
  readonly path: string;
}

interface Place {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly query?: string;
  readonly type?: string;
}

const GOOD = '{"provider":"openai","model":"gpt-4o","usage":{"prompt_tokens":1,"completion_tokens":1}}';
const event = (rest: string): string => `{"provider":"openai","model":"gpt-4o",${rest}`;

/** Places of a value in a body of events. */
const EVENT_PLACES: readonly Place[] = [
  { name: 'the whole body', before: '', after: '' },
  { name: 'usage', before: event('"usage":'), after: '}' },
  { name: 'a count', before: event('"usage":{"completion_tokens":1,"prompt_tokens":'), after: '}}' },
  {
    name: 'beside counts',
    before: event('"usage":{"prompt_tokens":1,"completion_tokens":1,"x":'),
    after: '}}',
  },
  { name: 'quantities', before: event('"quantities":'), after: '}' },
  { name: 'metadata', before: event('"usage":{"prompt_tokens":1},"metadata":{"x":'), after: '}}' },
  { name: 'tags', before: event('"usage":{"prompt_tokens":1},"tags":{"x":'), after: '}}' },
  { name: 'model', before: '{"provider":"openai","usage":{"prompt_tokens":1},"model":', after: '}' },
  { name: 'id', before: event('"usage":{"prompt_tokens":1},"id":'), after: '}' },
  { name: 'an unknown field', before: event('"usage":{"prompt_tokens":1},"nonsense":'), after: '}' },
  {
    name: 'a response',
    before: event(
      '"response":{"object":"chat.completion","usage":{"prompt_tokens":1,"completion_tokens":1},"choices":',
    ),
    after: '}}',
  },
  {
    name: 'usage of a response',
    before: event('"response":{"object":"chat.completion","usage":'),
    after: '}}',
  },
  { name: 'between neighbours', before: `[${GOOD},${event('"usage":')}`, after: `},${GOOD}]` },
  {
    name: 'a line between lines',
    before: `${GOOD}\n${event('"usage":')}`,
    after: `}\n${GOOD}`,
    type: 'application/x-ndjson',
  },
  {
    name: 'the body of a line',
    before: '{"provider":"openai","format":"json","body":{"model":"gpt-4o","x":',
    after: ',"usage":{"prompt_tokens":1,"completion_tokens":1},"object":"chat.completion"}}',
    query: '?format=responses',
  },
  {
    name: 'the request of a line',
    before: '{"provider":"openai","format":"json","body":{},"request":{"model":"gpt-4o","messages":',
    after: '}}',
    query: '?format=responses',
  },
  {
    name: 'the stream of a line',
    before: '{"provider":"openai","format":"sse","stream":',
    after: '}',
    query: '?format=responses',
  },
  {
    name: 'the binary stream of a line',
    before: '{"provider":"bedrock","format":"eventstream","stream_base64":',
    after: '}',
    query: '?format=responses',
  },
];

/** Places of a value in a request to a model. */
const REQUEST_PLACES: readonly Place[] = [
  { name: 'the whole body', before: '', after: '' },
  { name: 'model', before: '{"stream":false,"model":', after: '}' },
  { name: 'messages', before: '{"model":"m","messages":', after: '}' },
  {
    name: 'a message',
    before: '{"messages":[{"role":"user","content":',
    after: '}],"model":"m","stream":true}',
  },
  { name: 'stream options', before: '{"model":"m","stream":true,"stream_options":', after: '}' },
  { name: 'service tier', before: '{"model":"m","service_tier":', after: '}' },
];

function bodyOf(shape: Shape, place: Place, size: number, path: string, gzip: boolean): HostileBody {
  const make = () => Buffer.concat([Buffer.from(place.before), shape.make(size), Buffer.from(place.after)]);
  return {
    name: `${shape.name} as ${place.name}, ${size} bytes${gzip ? ', compressed' : ''}`,
    make: () => (gzip ? gzipSync(make(), { level: 1 }) : make()),
    headers: {
      'content-type': place.type ?? 'application/json',
      ...(gzip ? { 'content-encoding': 'gzip' } : {}),
    },
    path: `${path}${place.query ?? ''}`,
  };
}

const shapesAt = (place: Place): readonly Shape[] => (place.name === 'the whole body' ? SHAPES : VALUES);

/** Bodies for `POST /api/usage/events`, made one by one. */
export function* eventBodies(size: number, gzip = false): Generator<HostileBody> {
  for (const place of EVENT_PLACES)
    for (const shape of shapesAt(place)) yield bodyOf(shape, place, size, '/api/usage/events', gzip);
}

/** Bodies for the metered paths of the gateway, made one by one. */
export function* requestBodies(size: number): Generator<HostileBody> {
  for (const place of REQUEST_PLACES)
    for (const shape of shapesAt(place))
      yield bodyOf(shape, place, size, '/gateway/openai/v1/chat/completions', false);
}

/** Every n-th of them: a part that takes less time and still has every place and shape. */
export function* everyNth<One>(all: Iterable<One>, n: number): Generator<One> {
  let index = 0;
  for (const one of all) if (index++ % n === 0) yield one;
}
