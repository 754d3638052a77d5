/** More than 10,000 bad requests from the API's own document: refused or odd and good, never a 5xx, a hang or an effect. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALL_ROUTES } from '../../packages/server/src/api/all-routes.ts';
import { rawCall } from '../gateway/raw-http.ts';
import { startTestServer, type TestServer } from '../server/test-server.ts';
import { attack, polluted } from './api-attack.ts';
import { RAW_REQUESTS } from './raw-requests.ts';

const WANTED = 10_000;

describe('bad requests', () => {
  it(`over every operation, ${WANTED} of them: no 5xx, no hang, no effect`, async () => {
    const perOperation = Math.ceil(WANTED / (Object.keys(ALL_ROUTES).length - 3));
    const { made, sent, statuses, problems, changed, slowestMs } = await attack(perOperation, 20_261_122);
    console.log(
      `${made} bad requests, ${sent} sent, slowest ${slowestMs.toFixed(0)} ms, first answers ${JSON.stringify(statuses)}`,
    );
    expect(problems.slice(0, 20)).toEqual([]);
    expect(changed).toEqual([]);
    expect(polluted()).toBeNull();
    expect(made).toBeGreaterThanOrEqual(WANTED);
    // Most of it is really bad, and some of it gets through to where the work is done.
    expect(statuses['400']).toBeGreaterThan(sent / 4);
    expect(statuses['200']).toBeGreaterThan(100);
  }, 600_000);
});

describe('what is barely HTTP', () => {
  let test: TestServer;
  beforeAll(async () => {
    test = await startTestServer({ FARTHING_REQUEST_TIMEOUT_MS: '3000' });
  });
  afterAll(() => test.stop());

  it.each(RAW_REQUESTS)('%s: an answer below 500 or a closed connection', async (_what, bytes) => {
    const { bytes: answer } = await rawCall(test.server.url, bytes);
    const status = /^HTTP\/1\.1 (\d{3})/.exec(answer.toString('latin1'))?.[1];
    expect(status === undefined || Number(status) < 500).toBe(true);
    expect(answer.toString()).not.toContain('root:');
    expect((await fetch(`${test.server.url}/healthz`)).status).toBe(200);
  });
});
