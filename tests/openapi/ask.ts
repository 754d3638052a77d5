/** Sends an example as a client would: over a socket, with the key it needs. */
import type { Endpoint, Example } from '../../packages/server/src/api/endpoint.ts';
import { PREPARE } from './prepare.ts';
import type { World } from './world.ts';

/** The address of an example, relative to the server. */
export function addressOf(url: string, example: Example): string {
  const path = url.replace(/:(\w+)/g, (_part, name: string) =>
    encodeURIComponent(String((example.params as { readonly [name: string]: unknown } | undefined)?.[name])),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(example.query ?? {}))
    for (const one of [value].flat()) search.append(name, String(one));
  for (const [key, value] of Object.entries(example.queryTags ?? {}))
    for (const one of [value].flat()) search.append(`tag.${key}`, String(one));
  return search.size === 0 ? path : `${path}?${search}`;
}

export interface AskOptions {
  /** Ends an answer that has no end. */
  readonly signal?: AbortSignal;
  /** False: what the example is about need not be there. */
  readonly prepare?: boolean;
}

/** Sends it; a stream is left open for the caller to end by `signal`. */
export async function ask(
  world: World,
  key: string,
  endpoint: Endpoint,
  example: Example,
  { signal, prepare = true }: AskOptions = {},
): Promise<Response> {
  const [method = '', url = ''] = key.split(' ', 2);
  const prepared = (prepare ? await PREPARE[key]?.(world) : undefined) ?? {};
  const params = { ...(example.params ?? {}), ...prepared.params };
  const given = endpoint.bytes === undefined ? example.body : example.bytes;
  const body = prepared.body === undefined ? given : { ...(given ?? {}), ...prepared.body };
  const signedIn = prepared.headers?.['cookie'] !== undefined || endpoint.access === 'public';
  return fetch(`${world.url}${addressOf(url, { ...example, params })}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(endpoint.access === 'public' || signedIn
        ? {}
        : { authorization: `Bearer ${world.keyFor(endpoint.access)}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...prepared.headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
}
