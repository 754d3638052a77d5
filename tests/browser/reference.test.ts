/** The reference at /docs in a real browser: everything that runs is in it, and nothing comes from elsewhere. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALL_ROUTES } from '../../packages/server/src/api/all-routes.ts';
import { type Dashboard, startDashboard } from './dashboard.ts';
import { overflow, type Visit } from './visit.ts';

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

  test('follows the colour scheme', async () => {
    const background = await visitor.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(background).toBe(options.colorScheme === 'dark' ? 'rgb(22, 24, 27)' : 'rgb(255, 255, 255)');
  });

  test('asks nobody but this server, and nothing goes wrong', () => {
    expect(asked.filter((url) => !url.startsWith(dashboard.url) && !url.startsWith('data:'))).toEqual([]);
    expect(visitor.problems).toEqual([]);
  });
});

test('a read is tried from the page with the session of the dashboard', async () => {
  const { page, problems } = await dashboard.signIn();
  await page.goto('/docs');
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
