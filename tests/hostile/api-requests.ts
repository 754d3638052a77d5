/** Bad requests made from the API's own document: a good example each, with one or several things wrong. */
import type {
  Method,
  OpenApiDocument,
  OpenApiOperation,
} from '../../packages/server/src/api/openapi/document.ts';
import { HEADERS, RAW_BODIES, TEXTS, VALUES } from './api-values.ts';

/** One request, ready to be sent. */
export interface BadRequest {
  /** `GET /api/cost/summary`, as the document has it. */
  readonly operation: string;
  /** What is wrong with it. */
  readonly what: string;
  readonly method: string;
  /** Path and query, encoded. */
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | Buffer | null;
  /** The permission its caller needs; null where it is public. */
  readonly permission: string | null;
}

interface Target {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly operation: OpenApiOperation;
}

type Json = { [name: string]: unknown };
/** A whole number below the given one, the same ones in the same order every time. */
export type Draw = (below: number) => number;

/** Draws from a seed (mulberry32). */
export function drawing(seed: number): Draw {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Passwords are checked slowly on purpose: these are asked less often. */
const SLOW: ReadonlySet<string> = new Set([
  'POST /api/login',
  'POST /api/login/link',
  'POST /api/session/password',
]);

/** `perOperation` bad requests for every operation of the document; slow ones get a tenth of it. */
export function* badRequests(
  document: OpenApiDocument,
  perOperation: number,
  draw: Draw,
): Generator<BadRequest> {
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods) as [Method, OpenApiOperation][]) {
      const target = {
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        path,
        operation,
      };
      const wanted = SLOW.has(target.name) ? Math.ceil(perOperation / 10) : perOperation;
      for (let count = 0; count < wanted; count++) yield badRequest(target, draw);
    }
  }
}

function badRequest(target: Target, draw: Draw): BadRequest {
  const parts = new Parts(target, draw);
  const faults = faultsOf(target.operation);
  const fault = faults[draw(faults.length)] ?? badQuery;
  const what = [fault(parts, draw)];
  // One thing wrong is often caught at the door; two at once get further.
  if (draw(4) === 0) what.push(badHeader(parts, draw));
  return parts.request(what.join(' and '));
}

type Fault = (parts: Parts, draw: Draw) => string;

/** What can be wrong with an operation; what it really takes is drawn more often. */
function faultsOf({ parameters = [], requestBody }: OpenApiOperation): Fault[] {
  const inPath = parameters.some((one) => one.in === 'path');
  const inQuery = parameters.some((one) => one.in === 'query');
  return [
    badQuery,
    unknownQuery,
    badHeader,
    ...(inQuery ? [badQuery, badQuery, badQuery, twice] : []),
    ...(inPath ? [badPath, badPath] : []),
    ...(requestBody === undefined
      ? [unaskedBody]
      : [badMember, badMember, badMember, badMember, badKey, rawBody]),
  ];
}

/** A request under construction: it begins as the operation's own example. */
class Parts {
  readonly target: Target;
  readonly pathValues: { [name: string]: string } = {};
  readonly query: [string, string][] = [];
  headers: Record<string, string> = {};
  body: unknown;
  raw: string | Buffer | null = null;

  constructor(target: Target, draw: Draw) {
    this.target = target;
    const { parameters = [], requestBody } = target.operation;
    for (const { name, in: place, examples } of parameters) {
      const [value] = Object.values(examples ?? {});
      if (place === 'path') this.pathValues[name] = String(value?.value ?? 'x');
      else if (place === 'query' && value !== undefined && draw(2) === 0)
        this.query.push([name, String(value.value)]);
    }
    const bodies = Object.values(requestBody?.content['application/json']?.examples ?? {});
    this.body = structuredClone(bodies[draw(Math.max(1, bodies.length))]?.value);
  }

  request(what: string): BadRequest {
    const { name, method, path, operation } = this.target;
    const filled = path.replace(/\{(\w+)\}/g, (_part, part: string) => encode(this.pathValues[part] ?? 'x'));
    const query = this.query.map(([key, value]) => `${encode(key)}=${encode(value)}`).join('&');
    const body = this.raw ?? (this.body === undefined ? null : JSON.stringify(this.body));
    return {
      operation: name,
      what: what.slice(0, 200),
      method,
      path: query === '' ? filled : `${filled}?${query}`,
      headers: { ...(body === null ? {} : { 'content-type': 'application/json' }), ...this.headers },
      body: method === 'GET' ? null : body,
      permission: operation['x-permission'],
    };
  }
}

/** As a URL carries it; half a surrogate, which no URL can, as the bytes that an attacker would send for it. */
function encode(text: string): string {
  return text.isWellFormed()
    ? encodeURIComponent(text)
    : encodeURIComponent(text.toWellFormed()).replaceAll('%EF%BF%BD', '%ED%A0%80');
}

const oneOf = <T>(list: readonly T[], draw: Draw): T | undefined => list[draw(Math.max(1, list.length))];

function someText(draw: Draw): readonly [kind: string, text: string] {
  return oneOf(TEXTS, draw) ?? ['empty', ''];
}

const badQuery: Fault = (parts, draw) => {
  const names = (parts.target.operation.parameters ?? [])
    .filter((one) => one.in === 'query')
    .map((one) => one.name);
  const drawn = oneOf(names, draw) ?? 'limit';
  const name = drawn === 'tags' ? `tag.${draw(3) === 0 ? someText(draw)[1] : 'team'}` : drawn;
  const [kind, text] = someText(draw);
  parts.query.push([name, text]);
  return `${name}: ${kind}`;
};

const twice: Fault = (parts, draw) => {
  const what = badQuery(parts, draw);
  const last = parts.query.at(-1);
  const times = oneOf([1, 2, 150], draw) ?? 1;
  for (let count = 0; last !== undefined && count < times; count++) parts.query.push(last);
  return `${what}, ${times + 1} times`;
};

const unknownQuery: Fault = (parts, draw) => {
  const [kind, name] = someText(draw);
  parts.query.push([name, someText(draw)[1]]);
  return `an unknown parameter: ${kind}`;
};

const badPath: Fault = (parts, draw) => {
  const name = oneOf(Object.keys(parts.pathValues), draw) ?? '';
  const [kind, text] = someText(draw);
  // An empty part would be another address.
  parts.pathValues[name] = text === '' ? ' ' : text;
  return `${name} of the path: ${kind}`;
};

const badHeader: Fault = (parts, draw) => {
  const headers = oneOf(HEADERS, draw) ?? {};
  parts.headers = { ...parts.headers, ...headers };
  return `headers ${Object.keys(headers).join()}`;
};

const unaskedBody: Fault = (parts, draw) => {
  parts.body = oneOf(VALUES, draw);
  return 'a body that nobody asked for';
};

const rawBody: Fault = (parts, draw) => {
  const [kind, body, headers = {}] = oneOf(RAW_BODIES, draw) ?? ['nothing', ''];
  parts.raw = body;
  parts.headers = { ...parts.headers, ...headers };
  return `the body: ${kind}`;
};

/** Puts something else in the place of one value, anywhere in the body. */
const badMember: Fault = (parts, draw) => {
  const places = placesOf(parts.body);
  const known = Object.keys(membersOf(parts.target.operation));
  const value = oneOf(VALUES, draw);
  const said = JSON.stringify(value)?.slice(0, 60);
  const place = draw(3) === 0 ? undefined : oneOf(places, draw);
  if (place === undefined) {
    const name = oneOf(known, draw) ?? 'id';
    const holder = Array.isArray(parts.body) ? parts.body[0] : parts.body;
    if (isObject(holder)) holder[name] = value;
    else parts.body = value;
    return `${name} = ${said}`;
  }
  place.holder[place.key] = value;
  return `${place.key} = ${said}`;
};

/** Adds an unknown member, or removes one. */
const badKey: Fault = (parts, draw) => {
  const places = placesOf(parts.body);
  const place = oneOf(places, draw);
  if (place === undefined) return rawBody(parts, draw);
  if (draw(2) === 0) {
    delete place.holder[place.key];
    return `without ${place.key}`;
  }
  const [kind, name] = someText(draw);
  Object.defineProperty(place.holder, name, {
    value: oneOf(VALUES, draw),
    enumerable: true,
    configurable: true,
  });
  return `a member more: ${kind}`;
};

interface Place {
  readonly holder: Json;
  readonly key: string;
}

function placesOf(value: unknown): Place[] {
  if (Array.isArray(value)) return value.flatMap(placesOf);
  if (!isObject(value)) return [];
  return Object.keys(value).flatMap((key) => [{ holder: value, key }, ...placesOf(value[key])]);
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The members of the body, whatever its form. */
function membersOf({ requestBody }: OpenApiOperation): Json {
  const schema: unknown = requestBody?.content['application/json']?.schema;
  const collect = (one: unknown): Json => {
    if (!isObject(one)) return {};
    const forms = [one['anyOf'], one['oneOf'], one['allOf']].flatMap((part) =>
      Array.isArray(part) ? part : [],
    );
    const own = isObject(one['properties']) ? one['properties'] : {};
    return Object.assign({}, own, ...forms.map(collect)) as Json;
  };
  return collect(schema);
}
