import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Dashboard, startDashboard } from './dashboard.ts';
import { figureCard, liveMark } from './parts.ts';
import { settled } from './visit.ts';

let dashboard: Dashboard;
beforeAll(async () => {
  dashboard = await startDashboard();
});
afterAll(() => dashboard.stop());

test('an empty ledger shows three ways to a first call and turns live with it, without a reload', async () => {
  const { page, problems } = await dashboard.signIn();
  await page.getByRole('heading', { name: 'No call has been recorded yet' }).waitFor();
  const tabs = page.getByRole('tab');
  expect(await tabs.allTextContents()).toEqual(['Change the base URL', 'Wrap the client', 'Plain HTTP']);
  for (const tab of await tabs.all()) {
    await tab.click();
    expect(await page.getByRole('tabpanel').textContent()).toContain(dashboard.url);
  }
  await page.evaluate(() => Object.assign(window, { notReloaded: true }));
  await dashboard.call({ agent: 'first-caller' });
  await page.getByRole('cell', { name: 'first-caller' }).waitFor();
  await page.getByRole('heading', { name: 'Spend over time' }).waitFor();
  expect(await page.evaluate(() => 'notReloaded' in window)).toBe(true);
  expect(problems).toEqual([]);
});

test('requests through the gateway appear on an open dashboard by themselves (figures printed)', async () => {
  const { page, problems } = await dashboard.signIn();
  await settled(page);
  await liveMark(page, 'live').waitFor();
  const fromAnswer: number[] = [];
  const fromCall: number[] = [];
  for (let index = 0; index < 10; index += 1) {
    const agent = `live-${index}`;
    const called = performance.now();
    const shown = page.waitForFunction(
      (name) =>
        [...document.querySelectorAll('td[data-column="agent"]')].some((cell) => cell.textContent === name),
      agent,
    );
    await dashboard.call({ agent });
    const answered = performance.now();
    await shown;
    fromAnswer.push(performance.now() - answered);
    fromCall.push(performance.now() - called);
  }
  console.log(
    `shown after the call began: ${distribution(fromCall)}; after it ended: ${distribution(fromAnswer)}`,
  );
  expect(problems).toEqual([]);
});

test('a request is on the list of requests and in the cards as well, without a reload', async () => {
  const requests = await dashboard.signIn();
  await settled(requests.page);
  await requests.page.getByRole('link', { name: 'Requests', exact: true }).click();
  await liveMark(requests.page, 'live').waitFor();
  const overview = await dashboard.signIn();
  await settled(overview.page);
  const card = figureCard(overview.page, 'Requests in range').locator('data');
  const before = Number(await card.getAttribute('value'));
  await liveMark(overview.page, 'live').waitFor();
  await dashboard.call({ agent: 'listed' });
  await requests.page.getByRole('cell', { name: 'listed' }).waitFor();
  await expect.poll(() => card.getAttribute('value')).toBe(String(before + 1));
});

test('an open dashboard comes back by itself after the server restarted, with what it missed', async () => {
  const { page } = await dashboard.signIn();
  await settled(page);
  await liveMark(page, 'live').waitFor();
  await dashboard.restart(() => liveMark(page, 'lost').waitFor());
  await dashboard.call({ agent: 'missed' });
  await page.getByRole('cell', { name: 'missed' }).waitFor();
  await liveMark(page, 'live').waitFor();
  await dashboard.call({ agent: 'heard' });
  await page.getByRole('cell', { name: 'heard' }).waitFor();
});

test('a stream that was refused is asked for again', async () => {
  const { page } = await dashboard.signIn();
  await settled(page);
  await liveMark(page, 'live').waitFor();
  let refused = 0;
  await page.route('**/api/usage/stream*', async (route) => {
    if (refused > 0) return route.continue();
    refused += 1;
    return route.fulfill({ status: 503, contentType: 'application/json', body: '{}' });
  });
  await page.clock.install();
  await page.reload();
  await liveMark(page, 'lost').waitFor();
  // The pause before the next try, without sitting it out.
  await page.clock.fastForward(5_000);
  await liveMark(page, 'live').waitFor();
  expect(refused).toBe(1);
});

function distribution(milliseconds: readonly number[]): string {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(0);
  return `median ${at(0.5)} ms, p90 ${at(0.9)} ms, worst ${at(1)} ms of ${sorted.length}`;
}
