/**
 * How long a tenant waits for its reports while forty clients of another ask for heavy ones without end. The figures are
 * printed; what is judged is that every one is answered.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, NOW, recordLedgers, startApiServer, type Who } from '../api/api-server.ts';
import { seedEvent, seedEvents } from '../postgres/seed-events.ts';

const EVENTS = 120_000;
const CLIENTS = 40;
const READS = 300;

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
  await recordLedgers(api);
  const { db } = api.server.context;
  for (let from = 0; from < EVENTS; from += 10_000) {
    const events = Array.from({ length: 10_000 }, (_, index) => {
      const n = from + index;
      return seedEvent({
        tenant: 'acme',
        time: NOW - 60_000 - n * 15_000,
        user: `u-${n % 997}`,
        workflow: `w-${n % 1_499}`,
        tags: { team: `t-${n % 31}` },
        latencyMs: n % 5_000,
      });
    });
    await seedEvents(db, events);
  }
}, 300_000);
afterAll(() => api.stop());

/** Two dimensions at once are answered from single events: all of them, every time. */
const HEAVY = '/api/cost/users?from=2026-11-02&to=2026-11-22&tag.team=t-1&tag.team=t-2&tag.team=t-3';

async function ask(who: Who, url: string): Promise<{ readonly status: number; readonly ms: number }> {
  const begun = performance.now();
  const answer = await fetch(api.server.url + url, {
    headers: { authorization: `Bearer ${api.keyOf(who)}` },
  });
  await answer.arrayBuffer();
  return { status: answer.status, ms: performance.now() - begun };
}

async function readAlone(): Promise<number[]> {
  const taken: number[] = [];
  for (let n = 0; n < READS; n++) {
    const { status, ms } = await ask(
      'globex',
      n % 2 === 0 ? '/api/cost/summary' : '/api/usage/events?limit=50',
    );
    expect(status).toBe(200);
    taken.push(ms);
  }
  return taken.sort((a, b) => a - b);
}

const show = (taken: readonly number[]) =>
  ['p50', 0.5, 'p99', 0.99, 'longest', 1]
    .map((one) =>
      typeof one === 'string' ? one : `${(taken[Math.ceil(taken.length * one) - 1] ?? 0).toFixed(0)} ms`,
    )
    .join(' ');

test('a tenant reads on, whatever another one asks for', async () => {
  const idle = await readAlone();
  const statuses = new Map<number, number>();
  let over = false;
  const heavy = Array.from({ length: CLIENTS }, async () => {
    while (!over) {
      const { status } = await ask('acme-viewer', HEAVY);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  });
  let busy: number[];
  try {
    await expect.poll(() => api.server.context.db.reads().waiting, { timeout: 60_000 }).toBeGreaterThan(20);
    busy = await readAlone();
  } finally {
    over = true;
    await Promise.all(heavy);
  }
  console.info(`reads of a tenant alone: ${show(idle)}`);
  console.info(`beside ${CLIENTS} clients of another that ask for heavy reports: ${show(busy)}`);
  console.info(`those clients were answered: ${JSON.stringify(Object.fromEntries(statuses))}`);
  expect([...statuses.keys()].filter((status) => status !== 200 && status !== 429)).toEqual([]);
}, 600_000);
