/** Secrets of every kind are used as they are meant to be and by mistake; then everything that the server left is searched. */
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, embeddedConnectionString } from '../../packages/server/src/index.ts';
import { type DataFolder, killIfAlive, makeDataFolder } from '../crash/data-folder.ts';
import { ServerProcess } from '../crash/server-process.ts';

const silent = { info() {}, warn() {}, error() {} };
const random = () => randomBytes(18).toString('hex');
const canary = (kind: string) => `canary-${kind}-${random()}`;

/** By where they are put. */
const canaries: Record<string, string> = {
  'the admin key of the environment': canary('admin'),
  'a password': canary('password'),
  'a wrong password': canary('wrong'),
  'an unknown key in authorization': canary('bearer'),
  'an unknown key in x-farthing-key': canary('farthing'),
  'a key as Basic': canary('basic'),
  'a key in the query': canary('query'),
  'a provider key in authorization': `sk-proj-${random()}`,
  'a provider key in x-api-key': `sk-ant-${random()}`,
  'a key in a body that is no JSON': canary('broken'),
  'a key in a cookie': canary('cookie'),
  'a password of a database that is not there': canary('database'),
};

let folder: DataFolder;
let server: ServerProcess;
let provider: Server;
/** Everything that was answered, but where a secret is handed over on purpose. */
const answers: string[] = [];

/** Refuses like a real provider: with the key in the message. */
function startProvider(): Promise<Server> {
  const made = createServer((request, response) => {
    const key = request.headers.authorization ?? request.headers['x-api-key'];
    response.writeHead(401, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { message: `Incorrect API key provided: ${String(key)}` } }));
  });
  return new Promise((resolve) => made.listen(0, '127.0.0.1', () => resolve(made)));
}

interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  /** The answer hands a secret over, or is the provider's own. */
  readonly confidential?: boolean;
}

async function ask(path: string, { method, headers = {}, body, confidential = false }: Asked = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await fetch(`${server.url}${path}`, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    redirect: 'manual',
    ...(body === undefined ? {} : { body: text }),
  });
  const said = await answer.text();
  const told = [...answer.headers].map((pair) => pair.join(': ')).join('\n');
  if (!confidential) answers.push(`${path.split('?')[0]} → ${answer.status}\n${told}\n${said}`);
  return { status: answer.status, said, headers: answer.headers };
}

const of = (kind: string) => canaries[kind] ?? '';
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' };

/** A secret that the server makes; from here on it is searched for as well. */
function made(kind: string, answer: { readonly said: string }, pattern: RegExp): string {
  const secret = pattern.exec(answer.said)?.[1];
  if (secret === undefined) throw new Error(`no ${kind} in ${answer.said}`);
  canaries[kind] = secret;
  return secret;
}

beforeAll(async () => {
  provider = await startProvider();
  const address = provider.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  folder = await makeDataFolder();
  server = await ServerProcess.create({
    dataDir: folder.path,
    keepSaid: 50_000_000,
    env: {
      FARTHING_ADMIN_KEY: of('the admin key of the environment'),
      FARTHING_LOG_LEVEL: 'trace',
      FARTHING_OPENAI_BASE_URL: url,
      FARTHING_ANTHROPIC_BASE_URL: url,
    },
  });
  await server.start();
  await useAll();
}, 120_000);
afterAll(async () => {
  await server.end('SIGTERM');
  provider.close();
  await folder.remove();
});

async function useAll(): Promise<void> {
  const admin = bearer(of('the admin key of the environment'));
  await ask('/api/admin/tenants', { headers: admin, body: { id: 'acme' } });
  const SECRET = /"(frt_\w{20,})"/;
  const keyBody = { name: 'k', role: 'member', tenant: 'acme' };
  const makeKey = () => ask('/api/admin/keys', { headers: admin, body: keyBody, confidential: true });
  const first = await makeKey();
  const key = made('a key', first, SECRET);
  const id = /"id":"([^"]+)"/.exec(first.said)?.[1] ?? '';
  const rotated = await ask(`/api/admin/keys/${id}/rotate`, { headers: admin, body: {}, confidential: true });
  made('a rotated key', rotated, SECRET);
  const second = await makeKey();
  made('a revoked key', second, SECRET);
  const secondId = /"id":"([^"]+)"/.exec(second.said)?.[1] ?? '';
  await ask(`/api/admin/keys/${secondId}`, { method: 'DELETE', headers: admin });
  await ask('/api/cost/summary', { headers: bearer(of('a revoked key')) });

  const invited = await ask('/api/admin/users', {
    headers: admin,
    body: { email: 'ada@example.com', role: 'viewer', tenant: 'acme' },
    confidential: true,
  });
  const token = made('a token of an invitation', invited, /welcome#([\w-]{20,})"/);
  const accepted = await ask('/api/login/link', {
    headers: SAME_ORIGIN,
    body: { token, password: of('a password') },
    confidential: true,
  });
  const cookie = /farthing_session=([^;]+)/.exec(accepted.headers.get('set-cookie') ?? '')?.[1] ?? '';
  expect(cookie).not.toBe('');
  canaries['a session'] = cookie;
  const login = (password: string, confidential: boolean) =>
    ask('/api/login', { headers: SAME_ORIGIN, body: { email: 'ada@example.com', password }, confidential });
  await login(of('a wrong password'), false);
  await login(of('a password'), true);
  await ask('/api/login', { headers: SAME_ORIGIN, body: { email: of('a wrong password'), password: 'x' } });

  for (let round = 0; round < 2; round += 1) {
    const event = { provider: 'openai', model: 'gpt-4o', usage: { prompt_tokens: 1 } };
    await ask('/api/usage/events', { headers: bearer(of('a rotated key')), body: event });
    await ask('/api/usage/events', { headers: { 'x-farthing-key': key }, body: event });
    await ask('/trpc/session.me', { headers: { cookie: `farthing_session=${cookie}` } });
    await ask('/api/cost/summary', { headers: bearer(of('an unknown key in authorization')) });
    await ask('/api/cost/summary', { headers: { 'x-farthing-key': of('an unknown key in x-farthing-key') } });
    const basic = Buffer.from(`user:${of('a key as Basic')}`).toString('base64');
    canaries['a key as Basic, encoded'] = basic;
    await ask('/api/cost/summary', { headers: { authorization: `Basic ${basic}` } });
    await ask(`/api/cost/summary?api_key=${of('a key in the query')}`);
    await ask(`/login?token=${of('a key in the query')}`);
    await ask('/api/cost/summary', { headers: { cookie: `farthing_session=${of('a key in a cookie')}` } });
    await ask('/api/usage/events', {
      headers: admin,
      body: `{"api_key":"${of('a key in a body that is no JSON')}",`,
    });
    await ask('/api/admin/keys', {
      headers: admin,
      body: `{"name":${of('a key in a body that is no JSON')}`,
    });
    const call = { model: 'gpt-5-mini', messages: [], stream: round === 0 };
    await ask('/gateway/openai/v1/chat/completions', {
      headers: { ...bearer(of('a provider key in authorization')), 'x-farthing-key': of('a rotated key') },
      body: call,
      confidential: true,
    });
    await ask('/gateway/anthropic/v1/messages', {
      headers: { 'x-api-key': of('a provider key in x-api-key'), 'x-farthing-key': of('a rotated key') },
      body: { ...call, model: 'claude-sonnet-4-5', max_tokens: 1 },
      confidential: true,
    });
    // The second round meets a database that is just dying: spool and journal are written, errors are logged.
    const postgres = await folder.postgresPid();
    if (round === 0 && postgres !== null) killIfAlive(postgres);
  }
  while ((await ask('/readyz')).status !== 200) await sleep(50);
  for (const path of [
    ...['/metrics', '/openapi.json', '/api/admin/keys?tenant=acme', '/api/admin/users', '/api/admin/audit'],
    ...[
      '/api/exports/events',
      '/api/exports/costs?group_by=model',
      '/api/exports/focus',
      '/api/usage/events',
    ],
    ...['/api/sessions', '/api/admin/sessions', '/readyz', '/api/cost/dashboard'],
  ]) {
    await ask(path, { headers: admin });
  }
}

/** The canaries in a text, also as the base64 of them alone. */
function found(text: string): string[] {
  return Object.entries(canaries)
    .filter(([, secret]) => text.includes(secret) || text.includes(Buffer.from(secret).toString('base64')))
    .map(([kind]) => kind);
}

test('no secret stands in any answer but the one that hands it over', () => {
  expect(answers.length).toBeGreaterThan(40);
  expect(
    answers.flatMap((answer) => found(answer).map((kind) => `${kind}: ${answer.slice(0, 200)}`)),
  ).toEqual([]);
});

test('no secret stands in the log, written in full detail', () => {
  expect(server.said.split('\n').length).toBeGreaterThan(40);
  expect(found(server.said)).toEqual([]);
});

test('no secret stands in any table', async () => {
  const connectionString = (await embeddedConnectionString(folder.path)) ?? '';
  const database = createDatabase({ connectionString, log: silent, max: 1 });
  try {
    const rows = await database.asOperator(async (tx) => {
      const { rows: tables } = await tx.query<{ name: string }>(
        `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
          where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
            and has_table_privilege(format('%I.%I', table_schema, table_name), 'select')`,
      );
      expect(tables.length).toBeGreaterThan(15);
      const texts: string[] = [];
      for (const { name } of tables) {
        const { rows: all } = await tx.query<{ text: string }>(
          `select row_to_json(t)::text as text from ${name} t`,
        );
        texts.push(...all.map(({ text }) => text));
      }
      return texts;
    });
    expect(rows.flatMap(found)).toEqual([]);
  } finally {
    await database.close();
  }
});

test('no secret stands in any file of the data folder: the database, its log, spool, journal', async () => {
  const names = await readdir(folder.path, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  expect(files.length).toBeGreaterThan(500);
  const leaks: string[] = [];
  for (const file of files) {
    const text = (await readFile(file).catch(() => Buffer.alloc(0))).toString('latin1');
    for (const kind of found(text)) leaks.push(`${kind}: ${file.slice(folder.path.length)}`);
  }
  expect(leaks).toEqual([]);
});

test('no secret stands in what a start says that fails', async () => {
  const elsewhere = await makeDataFolder();
  try {
    const password = of('a password of a database that is not there');
    for (const databaseUrl of [
      `postgres://user:${password}@127.0.0.1:1/nowhere`,
      `postgres://user:${password}@`,
      `mysql://user:${password}@127.0.0.1/x`,
    ]) {
      const failing = await ServerProcess.create({
        dataDir: elsewhere.path,
        databaseUrl,
        keepSaid: 1_000_000,
        env: { FARTHING_LOG_LEVEL: 'trace' },
      });
      const said = await failing.start().then(
        () => '',
        (error: unknown) => String(error),
      );
      expect(said).toContain('The server ended');
      expect(found(said)).toEqual([]);
      expect(found(failing.said)).toEqual([]);
    }
  } finally {
    await elsewhere.remove();
  }
}, 60_000);
