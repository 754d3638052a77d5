import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { makeDataFolder } from '../crash/data-folder.ts';
import { printFigures } from '../crash/report.ts';
import { ADMIN_KEY, ServerProcess } from '../crash/server-process.ts';

const FLOOD_MS = 15_000;

/** A key of a tenant of its own. */
async function keyOf(url: string, tenant: string): Promise<string> {
  const ask = async (path: string, body: object) => {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as { readonly data: { readonly key: string } };
  };
  await ask('/api/admin/tenants', { id: tenant, name: tenant });
  return (await ask('/api/admin/keys', { name: tenant, tenant, scopes: ['events:write'] })).data.key;
}

const events = (count: number) =>
  JSON.stringify(
    Array.from({ length: count }, () => ({
      id: crypto.randomUUID(),
      provider: 'openai',
      model: 'gpt-4o-mini',
      usage: { prompt_tokens: 900, completion_tokens: 80 },
    })),
  );

async function post(url: string, key: string, body: string): Promise<number> {
  const answer = await fetch(`${url}/api/usage/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body,
  });
  await answer.arrayBuffer();
  return answer.status;
}

const quantile = (sorted: readonly number[], share: number) =>
  Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);

test('a tenant’s single events are recorded while another floods with batches of 2,000 on 12 connections', async () => {
  const folder = await makeDataFolder();
  const server = await ServerProcess.create({ dataDir: folder.path });
  await server.start();
  const [flood, one] = [await keyOf(server.url, 'flood'), await keyOf(server.url, 'one')];
  let flooding = true;
  let batches = 0;
  const floods = Array.from({ length: 12 }, async () => {
    while (flooding) {
      if ((await post(server.url, flood, events(2_000))) === 200) batches += 1;
    }
  });
  await sleep(2_000);
  const took: number[] = [];
  const statuses = new Set<number>();
  const until = performance.now() + FLOOD_MS;
  while (performance.now() < until) {
    const began = performance.now();
    statuses.add(await post(server.url, one, events(1)));
    took.push(performance.now() - began);
    await sleep(20);
  }
  flooding = false;
  await Promise.all(floods);
  took.sort((a, b) => a - b);
  printFigures('Single events beside a flood', {
    writes: took.length,
    p50_ms: quantile(took, 0.5),
    p99_ms: quantile(took, 0.99),
    flood_batches: batches,
  });
  expect([...statuses]).toEqual([200]);
  expect(took.length).toBeGreaterThan(10);
  await server.end('SIGTERM');
  await folder.remove();
});
