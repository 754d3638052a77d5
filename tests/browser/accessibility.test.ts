import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Dashboard, startDashboard } from './dashboard.ts';
import { ledgerSample } from './ledger-sample.ts';
import { requestLinks } from './parts.ts';
import { contrast, overflow, seriousFindings, settled } from './visit.ts';

const SCHEMES = ['light', 'dark'] as const;
const WIDTHS = [1440, 360] as const;

let full: Dashboard;
let empty: Dashboard;
beforeAll(async () => {
  [full, empty] = await Promise.all([startDashboard(), startDashboard()]);
  await full.record(ledgerSample(Date.now()));
});
afterAll(async () => {
  await full.stop();
  await empty.stop();
});

describe.each(SCHEMES)('%s', (colorScheme) => {
  test.each(WIDTHS)(
    'at %i px every page is free of serious findings, overflow, errors and policy violations',
    async (width) => {
      const options = { colorScheme, viewport: { width, height: 800 } };
      // Both schemes draw the same elements: what has nothing to do with colours is tried in one of them.
      const rules = colorScheme === 'light' ? 'all' : 'colours';
      const visitor = await full.signIn(options);
      const { page } = visitor;
      const found: Record<string, unknown> = {};
      const look = async (name: string) => {
        await settled(page);
        found[name] = { serious: await seriousFindings(page, rules), overflow: await overflow(page) };
      };
      await settled(page);
      const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      expect(background).toBe(colorScheme === 'dark' ? 'rgb(15, 17, 21)' : 'rgb(250, 250, 248)');
      await look('overview');
      await page.getByText('table', { exact: true }).click();
      await look('overview as table');
      await page.goto(`${full.url}/requests?range=90d`);
      await look('requests');
      await requestLinks(page).first().click();
      await page.getByRole('dialog').getByText('How was this priced?').waitFor();
      await page
        .getByText(/^Price card:/)
        .first()
        .click();
      await page.getByText('Raw usage, as the provider sent it').click();
      await look('drawer');
      await page.goto(`${full.url}/requests?unpriced=true`);
      await look('unpriced requests');
      expect(visitor.problems).toEqual([]);

      const newcomer = await empty.signIn(options);
      await newcomer.page.getByText('No call has been recorded yet').waitFor();
      found['empty'] = {
        serious: await seriousFindings(newcomer.page, rules),
        overflow: await overflow(newcomer.page),
      };
      expect(newcomer.problems).toEqual([]);

      const stranger = await full.visit(options);
      await stranger.page.goto(full.url);
      await stranger.page.getByText('Sign in to Farthing').waitFor();
      found['signed out'] = {
        serious: await seriousFindings(stranger.page, rules),
        overflow: await overflow(stranger.page),
      };
      const button = stranger.page.getByRole('button', { name: 'Sign in' });
      expect(await contrast(button)).toBeGreaterThanOrEqual(4.5);

      const clean = { serious: [], overflow: 0 };
      expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, clean])));
    },
    90_000,
  );
});

test('the colours follow the system until somebody switches them, then they stay switched', async () => {
  const { page } = await full.signIn({ colorScheme: 'dark' });
  await settled(page);
  await page.getByRole('button', { name: 'Switch to light colours' }).click();
  await page.reload();
  await page.getByRole('button', { name: 'Switch to dark colours' }).waitFor();
});

test('the page comes with a strict policy: own files, no inline code, nothing may frame it', async () => {
  const response = await fetch(full.url);
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain('unsafe');
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('the code of a page comes when a link to it is pointed at, once, in a file that may be kept for ever', async () => {
  const { page, problems } = await full.signIn();
  await settled(page);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  const link = page.getByRole('link', { name: 'Requests', exact: true });
  const [code] = await Promise.all([
    page.waitForResponse((response) => /\/assets\/RequestsPage-[\w-]+\.js$/.test(response.url())),
    link.hover(),
  ]);
  expect(code.headers()['cache-control']).toBe('public, max-age=31536000, immutable');
  await link.click();
  await requestLinks(page).first().waitFor();
  expect(asked.filter((path) => path.includes('/RequestsPage-') && path.endsWith('.js'))).toHaveLength(1);
  expect(problems).toEqual([]);
});
