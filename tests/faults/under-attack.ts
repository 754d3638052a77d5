/** A real server that is given hostile bodies and answers while another tenant goes on recording. */
import { request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DataFolder, makeDataFolder } from '../crash/data-folder.ts';
import { ADMIN_KEY, ServerProcess } from '../crash/server-process.ts';
import { createTestDatabase } from '../postgres/test-database.ts';
import { type HostileAnswer, startAnswering } from './answers.ts';
import type { HostileBody } from './bodies.ts';
import { readVitals, type ServerVitals } from './vitals.ts';

/** What was answered to a hostile request. */
export interface Told {
  readonly status: number;
  readonly body: string;
}

export interface UnderAttack {
  readonly url: string;
  /** Sends a hostile body as tenant `mallory`. */
  send(body: HostileBody): Promise<Told>;
  /** Lets the provider give this answer to a call of `mallory`; what came down is thrown away. */
  ask(answer: HostileAnswer): Promise<Told>;
  vitals(): Promise<ServerVitals>;
  /** What the other tenant, who records one event after the other, has seen so far. */
  neighbour(): Neighbour;
  /** Events of the other tenant that are in the table. */
  stored(): Promise<number>;
  stop(): Promise<void>;
}

export interface Neighbour {
  readonly sent: number;
  readonly accepted: number;
  readonly p99Ms: number;
  readonly others: readonly string[];
}

export async function startUnderAttack(): Promise<UnderAttack> {
  const { database, connectionString, drop } = await createTestDatabase();
  const folder: DataFolder = await makeDataFolder();
  const provider = await startAnswering();
  const server = await ServerProcess.create({
    dataDir: folder.path,
    databaseUrl: connectionString,
    env: { FARTHING_OPENAI_BASE_URL: provider.url, FARTHING_JOBS: 'false', FARTHING_LOG_LEVEL: 'error' },
  });
  await server.start();
  const [mallory, neighbourKey] = [await keyOf(server.url, 'mallory'), await keyOf(server.url, 'neighbour')];
  const neighbour = record(server.url, neighbourKey);
  return {
    url: server.url,
    send: (body) =>
      post(`${server.url}${body.path}`, body.make(), {
        ...body.headers,
        'x-farthing-key': mallory,
      }),
    ask: (answer) => {
      provider.give(answer);
      const call = '{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}';
      return post(`${server.url}/gateway/openai/v1/chat/completions`, Buffer.from(call), {
        'content-type': 'application/json',
        'x-farthing-key': mallory,
      });
    },
    vitals: () => readVitals(server.url, ADMIN_KEY),
    neighbour: neighbour.seen,
    stored: async () => {
      const sql = "select count(*)::int as n from usage_events where tenant_id = 'neighbour'";
      const { rows } = await database.asOperator((tx) => tx.query<{ n: number }>(sql));
      return rows[0]?.n ?? 0;
    },
    async stop() {
      await neighbour.stop();
      await server.end('SIGTERM');
      await provider.close();
      await drop();
      await folder.remove();
    },
  };
}

async function keyOf(url: string, tenant: string): Promise<string> {
  const headers = { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' };
  const ask = async (path: string, body: unknown) => {
    const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as { data: { secret?: string; key?: string } };
  };
  await ask('/api/admin/tenants', { id: tenant });
  const { data } = await ask('/api/admin/keys', { name: tenant, role: 'member', tenant });
  const secret = data.secret ?? data.key;
  if (secret === undefined) throw new Error('no key was given');
  return secret;
}

/** Records one event after the other, without a pause, until it is stopped. */
function record(url: string, key: string) {
  const took: number[] = [];
  const others: string[] = [];
  let sent = 0;
  let accepted = 0;
  let going = true;
  const over = (async () => {
    while (going) {
      sent += 1;
      const event = `{"id":"n-${sent}","provider":"openai","model":"gpt-4o","usage":{"prompt_tokens":1,"completion_tokens":1}}`;
      const begun = performance.now();
      const told = await post(`${url}/api/usage/events`, Buffer.from(event), {
        'content-type': 'application/json',
        'x-farthing-key': key,
      });
      took.push(performance.now() - begun);
      if (told.status === 200 && told.body.includes('"status":"accepted"')) accepted += 1;
      else others.push(`${told.status} ${told.body.slice(0, 200)}`);
      await sleep(20);
    }
  })();
  return {
    seen: (): Neighbour => {
      const sorted = [...took].sort((a, b) => a - b);
      const p99Ms = sorted[Math.floor(sorted.length * 0.99)] ?? 0;
      return { sent: took.length, accepted, p99Ms, others };
    },
    stop: async () => {
      going = false;
      await over;
    },
  };
}

/** A server may answer before it has taken the whole body: that is an answer, too. Of it 4 kB are kept. */
function post(url: string, bytes: Buffer, headers: Readonly<Record<string, string>>): Promise<Told> {
  return new Promise((resolve) => {
    let told: Told = { status: 0, body: '' };
    const sent = request(url, { method: 'POST', headers: { ...headers, 'content-length': bytes.length } });
    sent.on('response', (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => {
        if (body.length < 4_096) body += chunk.subarray(0, 4_096).toString('latin1');
      });
      const end = () => {
        told = { status: response.statusCode ?? 0, body };
        resolve(told);
      };
      response.on('end', end);
      response.on('error', end);
      response.on('close', end);
    });
    sent.on('error', () => resolve(told));
    sent.on('close', () => resolve(told));
    sent.end(bytes);
  });
}
