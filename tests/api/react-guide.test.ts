/** The guide to React pages: its files compile as they stand, and show what the server says, in a real browser. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startChromium, type TestBrowser } from '../browser/chromium.ts';
import { type ApiServer, recordLedgers, startApiServer } from './api-server.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** A first line that names the file. */
const NAMED = /^(?:\/\/|<!--) ([\w.-]+)(?: -->)?\n/;

let folder: string;
const files = new Map<string, string>();

beforeAll(async () => {
  const guide = await readFile(join(ROOT, 'docs/guides/react.md'), 'utf8');
  for (const [, code = ''] of guide.matchAll(/```(?:tsx?|js|html)\n(.*?)```/gs)) {
    const name = NAMED.exec(code)?.[1];
    if (name === undefined) throw new Error(`a block does not name its file: ${code.slice(0, 80)}`);
    files.set(name, name.endsWith('.html') ? code.replace(NAMED, '') : code);
  }
  // Below the installed packages, as a project of its own would be.
  await mkdir(join(ROOT, 'node_modules/.cache'), { recursive: true });
  folder = await mkdtemp(join(ROOT, 'node_modules/.cache/react-guide-'));
  for (const [name, code] of files) await writeFile(join(folder, name), code);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the guide to React pages', () => {
  it('has the files it speaks of', () => {
    expect([...files.keys()]).toEqual([
      'proxy.mjs',
      'use-farthing.ts',
      'CostDashboard.tsx',
      'AgentBudgetMonitor.tsx',
      'DailyCost.tsx',
      'main.tsx',
      'index.html',
    ]);
  });

  it('compiles as it stands, under strict rules', async () => {
    const compilerOptions = {
      strict: true,
      noEmit: true,
      jsx: 'react-jsx',
      target: 'es2022',
      module: 'esnext',
      moduleResolution: 'bundler',
      lib: ['es2022', 'dom', 'dom.iterable'],
      skipLibCheck: true,
      noUncheckedIndexedAccess: true,
      types: [],
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.tsx'] }));
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const compiled = await promisify(execFile)(process.execPath, [tsc, '-p', folder]).then(
      () => '',
      (error: { readonly stdout: string }) => error.stdout,
    );
    expect(compiled).toBe('');
  });

  describe('in a browser', () => {
    let api: ApiServer;
    let browser: TestBrowser;
    let proxy: ChildProcess;
    let url: string;

    beforeAll(async () => {
      [api, browser] = await Promise.all([startApiServer(), startChromium()]);
      await recordLedgers(api);
      await api.send('acme', 'POST', '/api/admin/agents/writer/pause');
      await build({ root: folder, base: './', configFile: false, logLevel: 'error' });
      const port = await freePort();
      url = `http://127.0.0.1:${port}`;
      proxy = spawn(process.execPath, ['proxy.mjs'], {
        cwd: folder,
        stdio: 'inherit',
        env: { PORT: String(port), FARTHING_URL: api.server.url, FARTHING_API_KEY: api.keyOf('acme-viewer') },
      });
      await vi.waitFor(async () => expect((await fetch(url)).status).toBe(200), 10_000);
    });
    afterAll(async () => {
      proxy.kill();
      await once(proxy, 'exit');
      await browser.close();
      await api.stop();
    });

    it('shows this month, today, agents, models and budgets as the server has them', async () => {
      const page = await browser.browser.newPage();
      const problems: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error' && !message.location().url.endsWith('/favicon.ico'))
          problems.push(message.text());
      });
      page.on('pageerror', (error) => problems.push(error.message));
      await page.goto(url);
      await page.getByRole('heading', { name: 'Agent Budget Status' }).waitFor();
      await page.getByRole('heading', { name: 'Top Agents by Cost' }).waitFor();
      await page.getByRole('img', { name: 'Cost of the last 14 days' }).waitFor();
      expect(await page.locator('.metric-card').allInnerTexts()).toEqual([
        expect.stringMatching(/This Month\s+\$40\.00\s[\s\S]*1 calls without a price/),
        expect.stringMatching(/Today\s+\$30\.00/),
      ]);
      expect(await page.locator('.cost-dashboard tbody tr').allInnerTexts()).toEqual([
        'crawler\t$31.00\t4',
        'writer\t$7.00\t2',
      ]);
      const agents = await page.locator('.agents-table tbody tr').allInnerTexts();
      expect(agents.map((row) => row.split(/\s+/))).toEqual([
        ['crawler', '$50.00', '$31.00', '62.0%', 'Active'],
        ['writer', '$50.00', '$7.00', '14.0%', 'Paused'],
      ]);
      expect(await page.locator('.bars li').first().textContent()).toBe('openai/round $40.00');
      expect(await page.locator('.daily-cost rect').count()).toBe(14);
      expect(await page.locator('figcaption').textContent()).toBe(
        '$40.00 this month, $43.73 projected (confidence: low)',
      );
      expect(problems).toEqual([]);
    });

    it('keeps the key away from the browser, and lets through reads of costs only', async () => {
      const page = await (await fetch(url)).text();
      const script = /src="\.\/([^"]+)"/.exec(page)?.[1] ?? '';
      expect(await (await fetch(`${url}/${script}`)).text()).not.toContain(api.keyOf('acme-viewer'));
      expect((await fetch(`${url}/api/admin/tenants`)).status).toBe(404);
      expect((await fetch(`${url}/api/cost/estimate`, { method: 'POST', body: '{}' })).status).toBe(404);
      expect((await fetch(`${url}/../package.json`)).status).toBe(404);
    });
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
