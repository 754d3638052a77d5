/** Far more writers than a server can serve, for as long as asked for. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { embeddedConnectionString } from '../../packages/server/src/index.ts';
import { audit, CLEAN } from '../crash/audit.ts';
import { type DataFolder, makeDataFolder } from '../crash/data-folder.ts';
import { Load } from '../crash/load.ts';
import { seededRandom } from '../crash/random.ts';
import { printFigures } from '../crash/report.ts';
import { ADMIN_KEY, ServerProcess } from '../crash/server-process.ts';
import { readVitals } from './vitals.ts';

/** Their batches together are several times what the queue holds. */
const WRITERS = 64;
const MOST_OF_A_BATCH = 3_000;
/** Rest memory, a full queue, and the bodies under way. */
const MOST_RESIDENT_BYTES = 1_200 * 1024 * 1024;

/** The event of a later caller: one token. */
const LATECOMER = 'after the overload';

/** Declares the test. */
export function testOverload(overloadMs: number): void {
  let folder: DataFolder;
  let server: ServerProcess;
  beforeAll(async () => {
    folder = await makeDataFolder();
    server = await ServerProcess.create({ dataDir: folder.path });
    await server.start();
  });
  afterAll(async () => {
    await server.end('SIGTERM');
    await folder.remove();
  });

  test(
    'a server with several times the load it can take refuses with 429 or 503 and Retry-After, in bounded memory, loses nothing, and recovers',
    async () => {
      const statuses = new Map<number, number>();
      let withoutRetryAfter = 0;
      const load = new Load({
        urls: [server.url],
        random: seededRandom('overload'),
        writers: WRITERS,
        maxBatch: MOST_OF_A_BATCH,
        onAnswer: ({ status, headers }) => {
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          if (status !== 200 && !/^\d+$/.test(headers.get('retry-after') ?? '')) withoutRetryAfter += 1;
        },
      });
      await sleep(overloadMs);
      const health = await fetch(`${server.url}/healthz`);
      await load.abandon();
      const begun = performance.now();
      await until(async () => (await record(server.url)) === 200);
      load.sent.set(LATECOMER, { costPicos: 150_000n, acknowledged: true });
      const recoveredMs = performance.now() - begun;
      const { peakResidentBytes } = await readVitals(server.url, ADMIN_KEY);
      const found = await audit((await embeddedConnectionString(folder.path)) ?? '', load);
      printFigures('overload', {
        ...found,
        answers: Object.fromEntries(statuses),
        recovered_ms: Math.round(recoveredMs),
        peak_resident_mb: Math.round(peakResidentBytes / 1024 / 1024),
      });
      expect(health.status).toBe(200);
      expect([...statuses.keys()].filter((status) => ![200, 429, 503].includes(status))).toEqual([]);
      expect((statuses.get(503) ?? 0) + (statuses.get(429) ?? 0)).toBeGreaterThan(0);
      expect(withoutRetryAfter).toBe(0);
      expect(load.refusals).toEqual([]);
      expect(found).toMatchObject(CLEAN);
      expect(peakResidentBytes).toBeLessThan(MOST_RESIDENT_BYTES);
    },
    300_000 + overloadMs,
  );
}

async function record(url: string): Promise<number> {
  const answer = await fetch(`${url}/api/usage/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ id: LATECOMER, provider: 'openai', model: 'gpt-4o-mini' },
      ...{ agent: 'a', project: 'p', user: 'u' },
      usage: { prompt_tokens: 1 },
    }),
  }).catch(() => null);
  return answer?.status ?? 0;
}

async function until(reached: () => Promise<boolean>): Promise<void> {
  while (!(await reached())) await sleep(50);
}
