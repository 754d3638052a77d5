import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DASHBOARD_PATHS } from '@farthing/contract/pages';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLog } from '../log.ts';
import { dashboardPages, openDashboard } from './dashboard-pages.ts';
import { createHttpServer } from './server.ts';

let folder: string;
let app: FastifyInstance;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farthing-pages-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'assets', 'page-3f2a.js'), 'there()');
  await writeFile(join(folder, 'favicon.svg'), '<svg/>');
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>The dashboard</title>');
  const dashboard = await openDashboard(folder);
  app = createHttpServer({
    dashboard,
    log: createLog({ level: 'silent' }),
    identify: async () => null,
    requestTimeoutMs: 5_000,
    maxConnections: 10,
    isDraining: () => false,
  });
  await app.register(dashboardPages, dashboard);
});
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const ask = (url: string, accept: string, method: 'GET' | 'POST' = 'GET') =>
  app.inject({ method, url, headers: { accept } });

test.each(DASHBOARD_PATHS)('a page of the registry is answered with the dashboard: %s', async (path) => {
  const answer = await ask(path.replaceAll('$', 'a-'), BROWSER);
  expect([answer.statusCode, answer.headers['cache-control']]).toEqual([200, 'no-store']);
  expect(answer.body).toContain('The dashboard');
});

describe('an address that is no page', () => {
  test.each(['/nowhere', '/requests/a/b/c', '/apis', '/%2e%2e/etc/passwd?a=text'])(
    'is answered to a browser with the dashboard, which says so, and status 404: %s',
    async (url) => {
      const answer = await ask(url, BROWSER);
      expect(answer.statusCode).toBe(404);
      expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
      expect(answer.body).toContain('The dashboard');
    },
  );

  test.each([
    ['a program', '/nowhere', '*/*', 'GET'],
    ['a program that takes JSON', '/nowhere', 'application/json', 'GET'],
    ['a browser below the API', '/api/nowhere', BROWSER, 'GET'],
    ['a browser below the gateway', '/gateway/nobody/v1', BROWSER, 'GET'],
    ['a browser that sends', '/nowhere', BROWSER, 'POST'],
  ] as const)('is told in JSON, and only with a key, to %s', async (_who, url, accept, method) => {
    const answer = await ask(url, accept, method);
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toMatchObject({ success: false, error: { code: 'unauthorized' } });
  });
});

test('only what is there may be kept: hashed files for ever, the icon for a day, nothing that is missing or refused', async () => {
  const kept = async (url: string, headers: Record<string, string> = {}) => {
    const answer = await app.inject({ url, headers });
    return [answer.statusCode, answer.headers['cache-control']];
  };
  expect(await kept('/assets/page-3f2a.js')).toEqual([200, 'public, max-age=31536000, immutable']);
  expect(await kept('/favicon.svg')).toEqual([200, 'public, max-age=86400']);
  for (const [url, headers] of [
    ['/assets/page-0000.js'],
    ['/assets/'],
    ['/assets/..%2findex.html'],
    ['/assets/page-3f2a.js', { range: 'bytes=900-' }],
  ] as const) {
    const [status, cacheControl] = await kept(url, headers);
    expect([url, Number(status) >= 400, cacheControl ?? 'none']).toEqual([
      url,
      true,
      expect.not.stringMatching(/max-age|immutable|public/),
    ]);
  }
});
