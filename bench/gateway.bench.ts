/**
 * Requests per second and latency through the gateway, against a bare node:http + undici pass-through and against
 * `@portkey-ai/gateway`: same upstream, same load, same run, taking turns.
 *
 *     npm run bench gateway            all
 *     npm run bench gateway -- --short one short turn each
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { LoadOrder, LoadResult } from './gateway/load.ts';
import { installPortkey } from './gateway/portkey.ts';

const SHORT = process.argv.includes('--short');
const TURNS = SHORT ? 1 : 3;
const TURN_MS = SHORT ? 1_000 : 3_000;
const CONNECTIONS = [1, 16, 64];
const ADMIN_KEY = 'gateway-benchmark-admin-key-0123456789';
const FOLDER = join(import.meta.dirname, 'gateway');

const children: ChildProcess[] = [];

/** Starts a part in a process of its own and waits for its URL. */
async function start(file: string, ...args: string[]): Promise<string> {
  const child = fork(join(FOLDER, file), args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  children.push(child);
  const [url] = await once(child, 'message');
  return String(url);
}

interface Contender {
  readonly name: string;
  readonly url: string;
  readonly path: string;
  readonly headers: readonly string[];
}

async function startPortkey(upstream: string): Promise<Contender | null> {
  const portkey = installPortkey(join(import.meta.dirname, '../.cache'));
  if (portkey === null) return null;
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  const port = typeof address === 'object' && address !== null ? address.port : 8787;
  const child = fork(portkey.entry, [`--port=${port}`, '--headless'], { stdio: 'ignore' });
  children.push(child);
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 200; tries += 1) {
    if ((await fetch(url).catch(() => null)) !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const headers = ['x-portkey-provider: openai', `x-portkey-custom-host: ${upstream}/v1`];
  return { name: `portkey ${portkey.version}`, url, path: '/v1/chat/completions', headers };
}

async function measure(load: ChildProcess, order: LoadOrder): Promise<LoadResult> {
  load.send(order);
  const [result] = await once(load, 'message');
  return result as LoadResult;
}

const body = (streams: boolean) =>
  JSON.stringify({
    model: 'gpt-4o-mini',
    messages: [{ role: 'user', content: 'What is a farthing? '.repeat(20) }],
    ...(streams ? { stream: true, stream_options: { include_usage: true } } : {}),
  });

try {
  const upstream = await start('upstream.ts');
  const chat = '/v1/chat/completions';
  const own = {
    path: `/gateway/openai${chat}`,
    headers: [`x-farthing-key: ${ADMIN_KEY}`, 'x-farthing-agent: bench'],
  };
  const contenders: Contender[] = [
    { name: 'bare', url: await start('bare.ts', upstream), path: chat, headers: [] },
    { name: 'farthing, no ledger', url: await start('no-ledger.ts', upstream, ADMIN_KEY), ...own },
    { name: 'farthing', url: await start('farthing.ts', upstream, ADMIN_KEY), ...own },
    { name: 'farthing relaxed', url: await start('farthing.ts', upstream, ADMIN_KEY, 'relaxed'), ...own },
  ];
  const portkey = await startPortkey(upstream);
  if (portkey !== null) contenders.push(portkey);
  const load = fork(join(FOLDER, 'load.ts'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  children.push(load);
  for (const streams of [false, true]) {
    for (const connections of CONNECTIONS) {
      const turns = new Map<string, LoadResult[]>(contenders.map(({ name }) => [name, []]));
      for (let turn = 0; turn <= TURNS; turn += 1) {
        for (const { name, ...to } of contenders) {
          const milliseconds = turn === 0 ? TURN_MS / 3 : TURN_MS;
          const result = await measure(load, {
            ...to,
            body: body(streams),
            streams,
            connections,
            milliseconds,
          });
          if (turn > 0) turns.get(name)?.push(result);
        }
      }
      print(`${streams ? 'SSE ' : 'JSON'} ${String(connections).padStart(2)} connections`, turns);
    }
  }
} finally {
  for (const child of children) {
    if (child.connected) child.disconnect();
    setTimeout(() => child.kill('SIGKILL'), 8_000).unref();
    if (child.spawnargs.every((arg) => !arg.endsWith('farthing.ts'))) child.kill();
  }
}

function print(title: string, turns: ReadonlyMap<string, readonly LoadResult[]>): void {
  const median = (values: readonly number[]) =>
    [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
  const rate = (results: readonly LoadResult[]) =>
    median(results.map(({ requests, seconds }) => requests / seconds));
  const bare = rate(turns.get('bare') ?? []);
  console.log(`  ${title}`);
  for (const [name, results] of turns) {
    const failures = results.reduce((sum, one) => sum + one.failures, 0);
    const cells = [
      `${rate(results).toFixed(0).padStart(7)}/s`,
      `× bare ${(rate(results) / bare).toFixed(2)}`,
      `p50 ${median(results.map(({ p50 }) => p50))
        .toFixed(2)
        .padStart(7)} ms`,
      `p99 ${median(results.map(({ p99 }) => p99))
        .toFixed(2)
        .padStart(7)} ms`,
      ...(failures === 0 ? [] : [`${failures} FAILED`]),
    ];
    console.log(`    ${name.padEnd(20)} ${cells.join('   ')}`);
  }
}
