/** `farthing demo`: everything with synthetic data and a local provider, to try it without any key. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { loadConfig, loginUrl, type RunningServer, readEnv, startServer } from '@farthing/server';
import type { Command } from 'commander';
import { announceServer, withdrawServer } from '../../access/server-file.ts';
import { command, run } from '../../console/command.ts';
import { EXIT, paint } from '../../console/output.ts';
import { stopOnSignal } from '../../console/stop-on-signal.ts';
import { typed } from '../../console/typed.ts';
import { type FakeProvider, REAL_PACING, startFakeProvider } from './fake-provider/index.ts';
import { DEMO_DAYS, seedDemo } from './seed.ts';
import { startTraffic } from './traffic.ts';

const DEMO_TENANT = 'demo-acme';
const KEY_NAME = 'calls to copy';
const ACTOR = 'demo';

export function demoCommand(): Command {
  return command(
    'demo',
    `the server with ${DEMO_DAYS} days of synthetic data and a local provider that needs no key`,
  )
    .option('--quiet-traffic', 'no calls of its own while it runs')
    .action(
      run<{ json?: boolean; quietTraffic?: boolean }>(async ({ quietTraffic = false }, output) => {
        const provider = await startFakeProvider({ live: true, pacing: REAL_PACING });
        const adminKey = randomBytes(32).toString('base64url');
        const config = demoConfig(provider, adminKey);
        const starting = startServer(config);
        const { stopped } = stopOnSignal(starting);
        const server = await starting;
        await announceServer(config.dataDir, { pid: process.pid, url: server.url }, output);
        const admin = { url: server.url, key: adminKey };
        output.note(`Writing ${DEMO_DAYS} days of synthetic data …`);
        const seeded = await seedDemo(admin, Date.now(), () => undefined);
        output.note(`${seeded.accepted.toLocaleString('en-US')} synthetic events written.`);
        const traffic = quietTraffic ? null : startTraffic(admin);
        const login = loginUrl(
          config.http.publicUrl ?? server.url,
          await server.context.sessions.createLink({ role: 'admin' }, ACTOR),
        );
        const key = await makeKey(server);
        output.result({ url: server.url, login_url: login, api_key: key }, () =>
          welcome(server.url, login, key),
        );
        await stopped;
        traffic?.stop();
        await provider.close();
        await withdrawServer(config.dataDir, process.pid);
        return EXIT.ok;
      }),
    );
}

/** The operator's settings, but in a folder of the demo's own: synthetic money never meets real money. */
function demoConfig(provider: FakeProvider, adminKey: string) {
  const env = readEnv();
  return loadConfig({
    ...env,
    DATABASE_URL: undefined,
    FARTHING_ADMIN_KEY: adminKey,
    FARTHING_NOTICE: 'Demo: every tenant, call and amount here is synthetic.',
    FARTHING_DATA_DIR: join(env.FARTHING_DATA_DIR ?? './.farthing', 'demo'),
    FARTHING_OPENAI_BASE_URL: provider.url,
    FARTHING_ANTHROPIC_BASE_URL: provider.url,
    FARTHING_LOG_LEVEL: env.FARTHING_LOG_LEVEL ?? 'warn',
  });
}

/** A tenant's key for the calls to copy; the one of the last start ends with it. */
async function makeKey({ context: { tenants } }: RunningServer): Promise<string> {
  const old = await tenants.listKeys(DEMO_TENANT);
  for (const key of old)
    if (key.revokedAt === null && key.name === KEY_NAME) await tenants.revokeKey(key.id, ACTOR);
  return (await tenants.createKey({ name: KEY_NAME, role: 'member', tenantId: DEMO_TENANT }, ACTOR)).secret;
}

function welcome(url: string, login: string, key: string): string {
  const openai = `curl ${url}/gateway/openai/v1/chat/completions -H 'x-farthing-key: ${key}' -H 'x-farthing-agent: me' \\
    -H 'authorization: Bearer any' -H 'content-type: application/json' \\
    -d '{"model":"gpt-5-mini","messages":[{"role":"user","content":"Say hello"}]}'`;
  const anthropic = `curl -N ${url}/gateway/anthropic/v1/messages -H 'x-farthing-key: ${key}' -H 'x-farthing-agent: me' \\
    -H 'x-api-key: any' -H 'anthropic-version: 2023-06-01' -H 'content-type: application/json' \\
    -d '{"model":"claude-sonnet-4-5","max_tokens":200,"stream":true,"messages":[{"role":"user","content":"Say hello"}]}'`;
  const plain = `curl ${url}/api/usage/events -H 'authorization: Bearer ${key}' -H 'content-type: application/json' \\
    -d '{"provider":"openai","model":"gpt-5-mini","agent":"me","usage":{"prompt_tokens":812,"completion_tokens":64}}'`;
  return [
    `${paint('bold', 'Farthing demo')}: every tenant, call and amount in it is synthetic; the providers are a local stand-in.`,
    '',
    `Dashboard, a link that works once (FARTHING_DATA_DIR=.farthing/demo ${typed('login')} makes another):`,
    `  ${paint('bold', login)}`,
    '',
    'Three calls to copy; each is on the dashboard within a second:',
    `  ${openai}`,
    '',
    `  ${anthropic}`,
    '',
    `  ${plain}`,
    '',
  ].join('\n');
}
