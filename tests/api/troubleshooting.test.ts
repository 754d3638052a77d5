/** What the troubleshooting page tells people to do can be done: commands, variables, routes, log lines, statements. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLI_VARIABLES } from '../../packages/cli/src/env.ts';
import { createProgram } from '../../packages/cli/src/program.ts';
import { ROUTES } from '../../packages/server/src/api/routes.ts';
import { VARIABLES } from '../../packages/server/src/settings-table.ts';
import {
  createReportingLogin,
  removeReportingLogin,
} from '../../packages/server/src/tenants/reporting-logins/reporting-login-store.ts';
import { type ApiServer, recordLedgers, startApiServer } from './api-server.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFile(join(ROOT, path), 'utf8');
const page = await read('docs/troubleshooting.md');
const guide = await read('docs/guides/react.md');
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found = '']) => found);

describe('variables', () => {
  it('are known to the server, the command line or the client', async () => {
    const known = new Set<string>([...VARIABLES, ...CLI_VARIABLES].map(({ name }) => name));
    const sdk = await read('packages/sdk/src/env.ts');
    const named = all(page, /`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)`/g);
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((name) => !known.has(name) && !sdk.includes(`env['${name}']`))).toEqual([]);
  });
});

describe('commands', () => {
  const commands = all(`${page}\n${guide}`, /npm run -s farthing -- ([^`\n]+)/g);
  it.each(commands)('farthing %s', (line) => {
    const words = line.trim().split(/\s+/);
    let command: Command = createProgram();
    while (words.length > 0) {
      const next = command.commands.find((one) => one.name() === words[0]);
      if (next === undefined) break;
      command = next;
      words.shift();
    }
    expect(command.parent).not.toBeNull();
    const options = words.filter((word) => word.startsWith('--'));
    const known = command.options.map((option) => option.long);
    expect(options.filter((option) => !known.includes(option))).toEqual([]);
  });

  it('of npm are scripts of the project', async () => {
    const { scripts } = JSON.parse(await read('package.json'));
    for (const script of all(`${page}\n${guide}`, /npm run -s (\w[\w:]*)/g))
      expect(scripts).toHaveProperty(script);
  });
});

describe('routes', () => {
  it('are served', () => {
    const named = all(`${page}\n${guide}`, /`((?:GET|POST|PUT|DELETE) \/api\/[^`?… ]+)/g);
    expect(named.length).toBeGreaterThan(4);
    expect(named.filter((route) => !(route in ROUTES))).toEqual([]);
  });
});

describe('words of the log', () => {
  it('are said by the server', async () => {
    const folder = join(ROOT, 'packages/server/src');
    const files = (await readdir(folder, { recursive: true })).filter((name) =>
      /(?<!\.test)\.ts$/.test(name),
    );
    const source = (await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')))).join('\n');
    const told = [...all(page, /grep "([^"]+)"/g), ...all(page, /"([^"]+)" in the log/g)];
    expect(told.length).toBeGreaterThan(4);
    for (const words of told) expect(source).toContain(`'${words}'`);
    for (const words of ['The configuration is not usable', 'is taken', 'lacks rights']) {
      expect(page).toContain(words);
      expect(source).toContain(words);
    }
  });
});

describe('statements', () => {
  let api: ApiServer;
  let client: pg.Client;
  const login = `trouble_${Math.random().toString(36).slice(2, 10)}`;
  beforeAll(async () => {
    api = await startApiServer();
    await recordLedgers(api);
    await api.get('admin', '/api/ops/alerts');
    const password = await createReportingLogin(api.server.context.db, { login, tenantId: null }, 'test');
    const url = new URL(api.connectionString);
    url.username = login;
    url.password = password;
    client = new pg.Client({ connectionString: url.href });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await removeReportingLogin(api.server.context.db, login, 'test');
    await api.stop();
  });

  const statements = all(page, /```sql\n(.*?)```/gs).flatMap((block) => block.trim().split('\n'));
  it.each(statements)('%s', async (statement) => {
    const { rows } = await client.query(statement);
    expect(rows.length).toBeGreaterThan(0);
  });
});

describe('lines of the log', () => {
  it('have the words the page looks for, under msg', async () => {
    const api = await startApiServer({ AGENT_MAX_MONTHLY_COST_USD: '10' });
    try {
      await recordLedgers(api);
      await api.get('acme', '/api/ops/alerts');
      const said = new Set(api.log().map(({ msg }) => msg));
      expect(said).toContain('usage recorded');
      expect(said).toContain('Budget alert');
    } finally {
      await api.stop();
    }
  });
});

describe('links', () => {
  it('lead to pages and headings that are there', async () => {
    for (const [, target = ''] of page.matchAll(/\]\(([^)]+)\)/g)) {
      const [file = '', anchor] = target.split('#');
      const text = await read(join('docs', file));
      const anchors = all(text, /^#+ (.+)$/gm).map((heading) =>
        heading
          .toLowerCase()
          .replace(/[^\w\- ]/g, '')
          .replaceAll(' ', '-'),
      );
      if (anchor !== undefined) expect(anchors).toContain(anchor);
    }
  });
});
