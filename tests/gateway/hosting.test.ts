/** What only the operator's base URL and the head of an answer say of a price reaches the event of a call. */
import dns from 'node:dns';
import { book } from '@farthing/pricing/book';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { UsageEvent } from '../../packages/server/src/ledger/usage-event.ts';
import { installedBook } from '../../packages/server/src/price-book/installed-book.ts';
import { rateEvent, USUAL_TERMS } from '../../packages/server/src/record/rate-event.ts';
import { FARTHING_KEY, type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';
import { post, type RawUpstream, rawCall, type SeenRequest, startRawUpstream } from './raw-http.ts';

let upstream: RawUpstream;
let gateway: GatewayUnderTest | undefined;
let answer: (request: SeenRequest) => void = () => undefined;

beforeAll(async () => {
  upstream = await startRawUpstream((request) => answer(request));
  // Every provider's name leads to the upstream of this test.
  vi.spyOn(dns, 'lookup').mockImplementation(((_host: string, options: dns.LookupOptions, done: Done) =>
    options.all === true ? done(null, [LOCAL]) : done(null, LOCAL.address, LOCAL.family)) as never);
});
afterEach(() => gateway?.close());
afterAll(async () => {
  vi.restoreAllMocks();
  await upstream.close();
});

type Done = (error: null, address: string | readonly dns.LookupAddress[], family?: number) => void;
const LOCAL: dns.LookupAddress = { address: '127.0.0.1', family: 4 };

/** One chat call through a gateway whose operator chose `host` and `prefix` for OpenAI's form. */
async function call(
  host: string,
  { prefix = '', model = 'gpt-5-mini', headers = [] as string[], tier = '', stream = false } = {},
): Promise<UsageEvent> {
  const base = `http://${host}:${new URL(upstream.url).port}${prefix}`;
  gateway = await startGatewayUnderTest({ upstream: base });
  const usage = '"usage":{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100}';
  const served = `"id":"c1","model":"${model}"${tier === '' ? '' : `,"service_tier":"${tier}"`}`;
  const whole = `{${served},"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"a"}}],${usage}}`;
  const chunks = `data: {${served},"object":"chat.completion.chunk","choices":[],${usage}}\n\ndata: [DONE]\n\n`;
  const body = stream ? chunks : whole;
  const type = stream ? 'text/event-stream' : 'application/json';
  answer = ({ socket }) =>
    socket.write(
      `${['HTTP/1.1 200 OK', `Content-Type: ${type}`, `Content-Length: ${body.length}`, ...headers].join('\r\n')}\r\n\r\n${body}`,
    );
  const asked = { model, messages: [], stream, stream_options: { include_usage: true } };
  await rawCall(
    gateway.url,
    post('/gateway/openai/v1/chat/completions?api-version=x', asked, [`x-farthing-key: ${FARTHING_KEY}`]),
  );
  return await gateway.event();
}

const BOOKS = installedBook(book);
const picosOf = (event: UsageEvent): bigint | null => rateEvent(event, BOOKS, USUAL_TERMS).charge.totalPicos;

describe('through the gateway', () => {
  it.each([false, true])(
    'a host of OpenAI that keeps data in a region costs what it costs there (stream: %s)',
    async (stream) => {
      const anywhere = await call('api.openai.com', { model: 'gpt-5.4', stream });
      await gateway?.close();
      const europe = await call('eu.api.openai.com', { model: 'gpt-5.4', stream });
      expect([anywhere.region, europe.region]).toEqual([null, 'eu']);
      const [usual, regional] = [picosOf(anywhere), picosOf(europe)];
      expect(usual).toBeGreaterThan(0n);
      expect(regional).toBe(((usual ?? 0n) * 11n) / 10n);
    },
  );

  it('a call that spilled over from a provisioned deployment of Azure is billed by the token', async () => {
    const tier = 'scale';
    const provisioned = await call('acme.openai.azure.com', { prefix: '/openai', tier });
    await gateway?.close();
    const spilled = await call('acme.openai.azure.com', {
      prefix: '/openai',
      tier,
      headers: ['X-MS-Is-Spilled-Over: true'],
    });
    expect(provisioned).toMatchObject({ provider: 'azure', tier: 'scale' });
    expect(spilled).toMatchObject({ provider: 'azure', tier: 'standard' });
    expect(spilled.convention).toContain('spilled over');
    expect(upstream.requests.at(-1)?.head).toMatch(/^POST \/openai\/v1\/chat\/completions\?api-version=x /);
  });

  it('a model on Bedrock carries its region and the id that was asked for', async () => {
    const event = await call('bedrock-runtime.us-west-2.amazonaws.com', {
      prefix: '/openai',
      model: 'openai.gpt-oss-120b-1:0',
    });
    expect(event).toMatchObject({
      provider: 'bedrock',
      region: 'us-west-2',
      model: 'openai.gpt-oss-120b-1:0',
    });
    expect(picosOf(event)).toBeGreaterThan(0n);
  });

  it('an address nobody knows stays with the provider of the route', async () => {
    const event = await call('llm.internal', { prefix: '/v7' });
    expect(event).toMatchObject({ provider: 'openai', region: null, door: 'gateway' });
  });
});
