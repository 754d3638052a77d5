/** What holds for every endpoint. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALL_ROUTES } from '../../packages/server/src/api/all-routes.ts';
import type { Endpoint } from '../../packages/server/src/api/endpoint.ts';
import { ask } from './ask.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const ROUTES = Object.entries(ALL_ROUTES);

/** What browsers are pointed at by a link, which others may have lengthened. */
const isPage = ({ answer }: Endpoint): boolean => 'kind' in answer && answer.kind === 'redirect';

function askChanged(key: string, endpoint: Endpoint, change: object): Promise<Response> {
  const [example = { name: 'none' }] = endpoint.examples;
  return ask(world, key, endpoint, { ...example, ...change }, { prepare: false });
}

const statusOf = async (key: string, endpoint: Endpoint, change: object): Promise<number> =>
  (await askChanged(key, endpoint, change)).status;

async function refusalOf(
  key: string,
  endpoint: Endpoint,
  change: object,
): Promise<[number, string | undefined]> {
  const answer = await askChanged(key, endpoint, change);
  const body = (await answer.json()) as { error?: { code: string } };
  return [answer.status, body.error?.code];
}

describe.each(ROUTES)('%s', (key, endpoint) => {
  it('refuses a parameter that nobody knows; a page for browsers ignores it', async () => {
    const query = { ...(endpoint.examples[0]?.query ?? {}), 'no-such-parameter': '1' };
    if (isPage(endpoint)) expect(await statusOf(key, endpoint, { query })).toBe(303);
    else expect(await refusalOf(key, endpoint, { query })).toEqual([400, 'unknown_parameter']);
  });

  it('refuses a tag where it takes none', async () => {
    if (endpoint.queryTags !== null || isPage(endpoint)) return;
    expect(await refusalOf(key, endpoint, { queryTags: { team: 'search' } })).toEqual([
      400,
      'unknown_parameter',
    ]);
  });

  it('refuses a member of the body that nobody knows', async () => {
    if (key.startsWith('GET') || endpoint.bytes !== undefined) return;
    const body = { ...(endpoint.examples[0]?.body ?? {}), 'no-such-member': 1 };
    expect(await refusalOf(key, endpoint, { body })).toEqual([400, 'invalid_body']);
  });
});
