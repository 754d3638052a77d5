/** Sends the synthetic days through the public API, so that the demo's figures are made like real ones. */
import type { UsageEventInput } from '@farthing/contract';
import { DAY_MS } from '@farthing/server';
import { DEMO_TENANTS } from './synthetic/cast.ts';
import { syntheticDay } from './synthetic/day.ts';

/** How far back the demo data goes. */
export const DEMO_DAYS = 90;
const BATCH_EVENTS = 4_000;

export interface DemoServer {
  readonly url: string;
  /** An admin key. */
  readonly key: string;
}

export interface Seeded {
  readonly accepted: number;
  readonly duplicates: number;
}

/**
 * Creates missing tenants of the demo and records missing days: ninety at the first start, later those since the
 * last start. Events of today end now.
 */
export async function seedDemo(
  server: DemoServer,
  now: number,
  onDay: (done: number, of: number) => void,
): Promise<Seeded> {
  await makeTenants(server);
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const first = Math.max(today - (DEMO_DAYS - 1) * DAY_MS, await lastSeededDay(server));
  const days = (today - first) / DAY_MS + 1;
  const seeded = { accepted: 0, duplicates: 0 };
  let batch: UsageEventInput[] = [];
  const flush = async () => {
    if (batch.length === 0) return;
    const answer = await send(server, batch);
    seeded.accepted += answer.accepted;
    seeded.duplicates += answer.duplicates;
    batch = [];
  };
  for (let index = 0; index < days; index += 1) {
    const events = syntheticDay(first + index * DAY_MS, today).filter(
      (event) => Date.parse(event.time ?? '') <= now,
    );
    batch.push(...events);
    if (batch.length >= BATCH_EVENTS) await flush();
    onDay(index + 1, days);
  }
  await flush();
  return seeded;
}

async function makeTenants(server: DemoServer): Promise<void> {
  for (const { id, name, timeZone } of DEMO_TENANTS) {
    const response = await call(server, '/api/admin/tenants', { id, name, time_zone: timeZone });
    await response.body?.cancel();
    if (!response.ok && response.status !== 409)
      throw new Error(`the demo's tenant ${id} could not be made: HTTP ${response.status}`);
  }
}

/** Midnight of the newest synthetic event; zero where there is none. */
async function lastSeededDay(server: DemoServer): Promise<number> {
  const query = `tag.synthetic=true&limit=1&from=2020-01-01&tenant=${DEMO_TENANTS[0]?.id ?? ''}`;
  const response = await fetch(`${server.url}/api/usage/events?${query}`, {
    headers: { authorization: `Bearer ${server.key}` },
  });
  if (!response.ok)
    throw new Error(
      `the demo's events could not be listed: HTTP ${response.status} ${await response.text()}`,
    );
  const { data } = (await response.json()) as { data: { events: { time: string }[] } };
  const newest = data.events[0];
  return newest === undefined ? 0 : Math.floor(Date.parse(newest.time) / DAY_MS) * DAY_MS;
}

async function send(
  server: DemoServer,
  events: readonly UsageEventInput[],
): Promise<Seeded & { rejected: number }> {
  const response = await call(server, '/api/usage/events', events);
  const text = await response.text();
  if (!response.ok)
    throw new Error(`the demo's events were refused: HTTP ${response.status} ${text.slice(0, 300)}`);
  const { data } = JSON.parse(text) as { data: Seeded & { rejected: number; conflicts: number } };
  if (data.rejected + data.conflicts > 0)
    throw new Error(
      `${data.rejected + data.conflicts} of the demo's events were not taken: ${text.slice(0, 500)}`,
    );
  return data;
}

function call(server: DemoServer, path: string, body: unknown): Promise<Response> {
  return fetch(server.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}
