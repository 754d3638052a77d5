/** The reference at /docs in a real browser: everything that runs is in it, and nothing comes from elsewhere. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ALL_ROUTES } from '../../packages/server/src/api/all-routes.ts';
import { type Dashboard, startDashboard } from './dashboard.ts';
import { overflow, seriousFindings, type Visit } from './visit.ts';

/** The viewer draws every operation at once: on a busy machine that takes its time, and no test is about it. */
const DRAWN_MS = 60_000;
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let dashboard: Dashboard;
beforeAll(async () => {
  dashboard = await startDashboard();
});
afterAll(() => dashboard.stop());

describe.each([
  ['wide and light', { viewport: { width: 1280, height: 900 }, colorScheme: 'light' }],
  ['small and dark', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' }],
] as const)('the reference, %s', (_name, options) => {
  let visitor: Visit;
  const asked: string[] = [];
  beforeAll(async () => {
    visitor = await dashboard.visit(options);
    visitor.page.setDefaultTimeout(DRAWN_MS);
    visitor.page.on('request', (request) => asked.push(request.url()));
    visitor.page.on('requestfailed', (request) => visitor.problems.push(`failed: ${request.url()}`));
    await visitor.page.goto('/docs');
    await visitor.page.locator('.opblock').first().waitFor();
  });

  test('lists every operation', async () => {
    const shown = await visitor.page.locator('.opblock').evaluateAll((blocks) =>
      blocks.map((block) => {
        const path = block.querySelector<HTMLElement>('.opblock-summary-path')?.dataset['path'];
        return `${block.querySelector('.opblock-summary-method')?.textContent} ${path}`;
      }),
    );
    const running = Object.keys(ALL_ROUTES).map((key) => key.replace(/:(\w+)/g, '{$1}'));
    expect(shown.sort()).toEqual(running.sort());
  });

  test('opens one with its parameters and answers, and never scrolls sideways', async () => {
    const summary = visitor.page.locator('#operations-costs-getCostSummary');
    await summary.locator('button.opblock-summary-control').click();
    await summary.locator('.responses-wrapper').waitFor();
    expect(await summary.locator('[data-param-name="group_by"]').isVisible()).toBe(true);
    expect(await overflow(visitor.page)).toBe(0);
  });

  test('looks like the dashboard, in its colours and its type', async () => {
    const look = await visitor.page.evaluate(async () => {
      await document.fonts.ready;
      const { backgroundColor, color } = getComputedStyle(document.body);
      return { backgroundColor, color, font: document.fonts.check('14px "Inter Variable"') };
    });
    expect(look).toEqual({
      font: true,
      ...(options.colorScheme === 'dark'
        ? { backgroundColor: 'rgb(15, 17, 21)', color: 'rgb(231, 233, 238)' }
        : { backgroundColor: 'rgb(250, 250, 248)', color: 'rgb(26, 29, 35)' }),
    });
    expect(asked).toContainEqual(expect.stringMatching(/\/docs\/inter-latin\.woff2$/));
  });

  test('has nothing serious to find for who cannot see it, closed, open or being tried', async () => {
    expect(await seriousFindings(visitor.page)).toEqual([]);
    const record = visitor.page.locator('#operations-events-postUsageEvents');
    await record.locator('button.opblock-summary-control').click();
    await record.locator('.responses-wrapper').waitFor();
    await visitor.page.locator('.try-out__btn').first().click();
    expect(await seriousFindings(visitor.page)).toEqual([]);
  });

  test('asks nobody but this server, and nothing goes wrong', () => {
    expect(asked.filter((url) => !url.startsWith(dashboard.url) && !url.startsWith('data:'))).toEqual([]);
    expect(visitor.problems).toEqual([]);
  });
});

test('leads back to the dashboard, and keeps the scheme chosen there', async () => {
  const { page, problems } = await dashboard.signIn({ colorScheme: 'light' });
  page.setDefaultTimeout(DRAWN_MS);
  await page.getByRole('button', { name: 'Switch to dark colours' }).click();
  await page.goto('/docs');
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(await background()).toBe('rgb(15, 17, 21)');
  await page.getByRole('link', { name: 'Dashboard' }).click();
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  expect(new URL(page.url()).pathname).toBe('/');
  expect(await background()).toBe('rgb(15, 17, 21)');
  expect(problems).toEqual([]);
});

// One page for both: drawing all operations is what takes time here.
describe('the reference, for who has a session', () => {
  let visitor: Visit;
  beforeAll(async () => {
    visitor = await dashboard.signIn();
    visitor.page.setDefaultTimeout(DRAWN_MS);
    await visitor.page.goto('/docs#/exports/getExportsFocus');
  });

  test('opens the operation of its address, and opening one sets the address', async () => {
    const { page } = visitor;
    await page.locator('#operations-exports-getExportsFocus .responses-wrapper').waitFor();
    await page.locator('#operations-costs-getCostSummary button.opblock-summary-control').click();
    await page.waitForURL(/#\/costs\/getCostSummary$/);
  });

  test('tries a read with the session of the dashboard', async () => {
    const { page, problems } = visitor;
    const trends = page.locator('#operations-costs-getCostTrends');
    await trends.locator('button.opblock-summary-control').click();
    await trends.getByRole('button', { name: 'Try it out' }).click();
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.url().includes('/api/cost/trends')),
      trends.getByRole('button', { name: 'Execute' }).click(),
    ]);
    expect(answer.status()).toBe(200);
    expect(problems).toEqual([]);
  });
});
