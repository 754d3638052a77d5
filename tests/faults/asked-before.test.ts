/** A call whose event cannot be kept is refused before it costs money; a call made before is delivered and logged. */
import { expect, onTestFinished, test } from 'vitest';
import { OverloadedError } from '../../packages/server/src/record/overloaded-error.ts';
import { diskFiles } from '../../packages/server/src/record/spool/files.ts';
import { FARTHING_KEY, startGatewayUnderTest } from '../gateway/gateway-under-test.ts';
import { testEvent } from '../ledger/events.ts';
import { ADMIN_KEY, startTestServer } from '../server/test-server.ts';
import { FaultyFiles } from './faulty-files.ts';

const messages = [{ role: 'user', content: 'x' }];

function call(url: string, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${url}/gateway/${path}`, {
    method: 'POST',
    headers: { 'x-farthing-key': FARTHING_KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-5-mini', messages }),
    ...init,
  });
}

test('while no event can be kept, a metered call is refused before the provider is asked, and others pass', async () => {
  let refusal: OverloadedError | null = new OverloadedError('no space is left', 5);
  const gateway = await startGatewayUnderTest({ refusal: () => refusal });
  onTestFinished(() => gateway.close());
  for (const path of ['openai/v1/chat/completions', 'anthropic/v1/messages']) {
    const refused = await call(gateway.url, path);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('5');
    // In the provider's own shape.
    expect(await refused.json()).toMatchObject({
      error: { message: expect.stringContaining('the call was not made: no space is left') },
    });
  }
  expect(gateway.provider.total).toBe(0);
  const models = await call(gateway.url, 'openai/v1/models', { method: 'GET', body: null });
  await models.body?.cancel();
  expect(gateway.provider.total).toBe(1);
  refusal = null;
  expect((await call(gateway.url, 'openai/v1/chat/completions')).status).toBe(200);
  expect(gateway.events).toHaveLength(1);
});

test('an event that could not be kept is told with everything needed to send it by hand', async () => {
  const gateway = await startGatewayUnderTest({ record: () => Promise.reject(new Error('disk')) });
  onTestFinished(() => gateway.close());
  const answer = await call(gateway.url, 'openai/v1/chat/completions');
  expect(answer.status).toBe(200);
  expect(gateway.unrecorded).toEqual([
    {
      id: answer.headers.get('x-farthing-event-id'),
      tenant: 'acme',
      time: expect.any(Number),
      provider: 'openai',
      model: expect.stringContaining('gpt-5-mini'),
      operation: 'chat',
      source: 'reported',
      attribution: expect.any(Object),
      segments: [expect.objectContaining({ quantities: expect.any(Object) })],
      responseId: expect.any(String),
      rawUsage: expect.any(Object),
    },
  ]);
});

test('a failing disk is seen in /readyz and /metrics, and its end too', async () => {
  const files = new FaultyFiles(diskFiles);
  const { server, send, stop } = await startTestServer({}, Date.now, files);
  onTestFinished(stop);
  const { journal } = server.context;
  files.begin({ operations: ['write'], code: 'ENOSPC' });
  const event = { provider: 'openai', model: 'gpt-4o', usage: { prompt_tokens: 1, completion_tokens: 1 } };
  // The ledger is there: what comes over the API needs no disk of ours.
  expect((await send('POST', '/api/usage/events', { body: event })).status).toBe(200);
  await journal.keep(testEvent({ tenant: 'acme' }));
  const metrics = async () => {
    const { body } = await server.app.inject({
      url: '/metrics',
      headers: { authorization: `Bearer ${ADMIN_KEY}` },
    });
    return body;
  };
  expect((await send('GET', '/readyz')).body.data.disk).toEqual({
    spool: { refusing: false, damaged_files: 0, set_aside_events: 0 },
    journal: { refusing: true, damaged_files: 0, set_aside_events: 0 },
  });
  expect(await metrics()).toContain('farthing_journal_refusing 1');
  expect(await metrics()).toContain('farthing_spool_refusing 0');
  files.heal();
  await expect.poll(metrics).toContain('farthing_journal_refusing 0');
});
