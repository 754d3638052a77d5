/**
 * What a tracked client costs the caller: latency of the same calls with and without tracking, with the Farthing
 * server healthy, down, slow and answering 500. The provider runs in a process of its own; the sides take turns.
 *
 *     node bench/sdk.ts [calls per side]
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus } from 'node:os';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Farthing } from '@farthing/sdk';
import OpenAI from 'openai';
import { startFakeProvider } from '../packages/cli/src/commands/demo/fake-provider/index.ts';

const SELF = fileURLToPath(import.meta.url);
const ROUNDS = Number(process.argv[2] ?? 1000);
const messages = [{ role: 'user' as const, content: 'What is a farthing? '.repeat(50) }];

type Call = (client: OpenAI) => Promise<unknown>;

const CALLS: Readonly<Record<string, Call>> = {
  'chat, JSON': (client) => client.chat.completions.create({ model: 'gpt-4o-mini', messages }),
  'chat, stream': async (client) => {
    const stream = await client.chat.completions.create({ model: 'gpt-4o-mini', messages, stream: true });
    for await (const _chunk of stream);
  },
  'embedding, 1536 numbers': (client) =>
    client.embeddings.create({ model: 'text-embedding-3-small', input: 'a farthing' }),
};

/** How the Farthing side behaves. */
const SIDES: Readonly<Record<string, () => Promise<{ url: string; server?: Server }>>> = {
  healthy: () => farthingSide(0, 200),
  down: () => Promise.resolve({ url: 'http://127.0.0.1:9' }),
  'slow (5 s)': () => farthingSide(5000, 200),
  'answering 500': () => farthingSide(0, 500),
};

async function farthingSide(delayMs: number, status: number) {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const zipped = request.headers['content-encoding'] === 'gzip';
    const { length } = JSON.parse((zipped ? gunzipSync(body) : body).toString()) as unknown[];
    setTimeout(() => {
      const results = Array.from({ length }, (_, id) => ({
        status: 'accepted',
        id: String(id),
        cost_usd: '0',
      }));
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ data: { results } }));
    }, delayMs).unref();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The sides that take turns. `control` is a second untracked client: what differs from `plain` there is noise. */
const ARMS = ['plain', 'control', 'tracked'] as const;
type Times = { readonly [A in (typeof ARMS)[number]]: number[] };

const BLOCK = 100;

async function measure(call: Call, clients: { readonly [A in keyof Times]: OpenAI }): Promise<Times> {
  const times: Times = { plain: [], control: [], tracked: [] };
  for (let at = 0; at < 150; at += 1) await call(clients[ARMS[at % 3] ?? 'plain']);
  for (let at = 0; at < ROUNDS; at += 1) {
    // The order rotates, so that no side always runs behind another's garbage.
    for (let turn = 0; turn < ARMS.length; turn += 1) {
      const arm = ARMS[(at + turn) % ARMS.length] ?? 'plain';
      const start = performance.now();
      await call(clients[arm]);
      times[arm].push(performance.now() - start);
    }
  }
  return times;
}

/** The median, over blocks of calls, of a block's quantile: pauses of a shared machine hit few blocks. */
function blockQuantile(values: readonly number[], share: number): number {
  const blocks = Array.from({ length: Math.floor(values.length / BLOCK) }, (_, at) =>
    values.slice(at * BLOCK, (at + 1) * BLOCK).toSorted((a, b) => a - b),
  );
  const each = blocks.map((block) => quantile(block, share)).toSorted((a, b) => a - b);
  return quantile(each, 0.5);
}

async function main(): Promise<void> {
  const provider = fork(SELF, ['provider'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [baseURL] = (await once(provider, 'message')) as [string];
  console.log(
    `node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ${ROUNDS} calls per side, ms; p99 = median over blocks of ${BLOCK} calls`,
  );
  const rows: Record<string, unknown>[] = [];
  for (const [side, start] of Object.entries(SIDES)) {
    const { url, server } = await start();
    const farthing = new Farthing({ url, apiKey: 'k', onError: () => undefined, flushOnExit: false });
    const make = () => new OpenAI({ baseURL, apiKey: 'any', maxRetries: 0 });
    const clients = { plain: make(), control: make(), tracked: farthing.track(make()) };
    for (const [name, call] of Object.entries(CALLS)) {
      const times = await measure(call, clients);
      const p50 = (arm: keyof Times) => blockQuantile(times[arm], 0.5);
      const p99 = (arm: keyof Times) => blockQuantile(times[arm], 0.99);
      rows.push({
        farthing: side,
        call: name,
        'plain p50': p50('plain').toFixed(3),
        'added p50': (p50('tracked') - p50('plain')).toFixed(3),
        'plain p99': p99('plain').toFixed(3),
        'tracked p99': p99('tracked').toFixed(3),
        'added p99': (p99('tracked') - p99('plain')).toFixed(3),
        'noise p99': (p99('control') - p99('plain')).toFixed(3),
      });
    }
    const stats = farthing.stats();
    await farthing.close({ timeoutMs: 100 });
    server?.closeAllConnections();
    server?.close();
    console.log(`${side}: ${JSON.stringify(stats)}`);
  }
  console.table(rows);
  provider.kill();
}

if (process.argv[2] === 'provider') {
  const provider = await startFakeProvider();
  process.send?.(provider.openaiUrl);
} else {
  await main();
}
