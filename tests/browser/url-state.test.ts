import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Dashboard, startDashboard } from './dashboard.ts';
import { ledgerSample } from './ledger-sample.ts';
import { breakdownRows, figureCard, requestLinks } from './parts.ts';
import { settled, type Visit } from './visit.ts';

let dashboard: Dashboard;
let visitor: Visit;
beforeAll(async () => {
  dashboard = await startDashboard();
  await dashboard.record(ledgerSample(Date.now()));
  visitor = await dashboard.signIn();
});
beforeEach(async () => {
  await visitor.page.goto(dashboard.url);
  await settled(visitor.page);
});
afterAll(() => dashboard.stop());

const search = () => Object.fromEntries(new URL(visitor.page.url()).searchParams);

/** Picks an option of one of the bar's selects. */
async function choose(label: string, option: string): Promise<void> {
  const { page } = visitor;
  const box = page.getByRole('combobox', { name: label });
  await box.click();
  if (label === 'Time zone') await box.fill(option);
  await page.getByRole('option', { name: option, exact: true }).click();
}

test('range, zone, tenant and split are in the address, survive a reload and go back with the back button', async () => {
  const { page } = visitor;
  await choose('Time range', 'Last 7 days');
  await choose('Time zone', 'Asia/Kathmandu');
  await choose('Tenant', 'acme');
  await choose('Stack by', 'agent');
  const chosen = { range: '7d', zone: 'Asia/Kathmandu', tenant: 'acme', by: 'agent' };
  await expect.poll(search).toEqual(chosen);
  await page.reload();
  await settled(page);
  expect(search()).toEqual(chosen);
  expect(await page.getByRole('combobox', { name: 'Time range' }).inputValue()).toBe('Last 7 days');
  expect(await page.getByRole('combobox', { name: 'Time zone' }).inputValue()).toBe('Asia/Kathmandu');
  expect(await page.getByRole('combobox', { name: 'Tenant' }).inputValue()).toBe('acme');
  await page.getByRole('heading', { name: 'By agent' }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: 'By model' }).waitFor();
  expect(search()).toEqual({ range: '7d', zone: 'Asia/Kathmandu', tenant: 'acme' });
});

test('a filter comes from a click, stands in the address, holds on every page, and can be taken away', async () => {
  const { page } = visitor;
  await breakdownRows(page).first().click();
  await expect.poll(() => search()['model']).toBeTruthy();
  const model = search()['model'] ?? '';
  await settled(page);
  await page.getByRole('link', { name: 'Requests', exact: true }).click();
  await page.waitForURL('**/requests?**');
  await settled(page);
  expect(search()).toEqual({ model });
  const listed = await requestLinks(page).allTextContents();
  expect(listed.length).toBeGreaterThan(5);
  expect(new Set(listed)).toEqual(new Set([model]));
  await page.getByRole('button', { name: `model: ${model}, remove this filter` }).click();
  await expect.poll(search).toEqual({});
  await expect.poll(async () => new Set(await requestLinks(page).allTextContents()).size).toBeGreaterThan(1);
});

test('an address narrows every page by any filter of the API, and each page says so', async () => {
  const { page } = visitor;
  const failed = ledgerSample(Date.now()).filter(({ status }) => status === 'error').length;
  expect(failed).toBeGreaterThan(1);
  await page.goto(`${dashboard.url}/requests?range=90d&status=error`);
  await settled(page);
  await page.getByRole('button', { name: 'status: error, remove this filter' }).waitFor();
  expect(await requestLinks(page).count()).toBe(failed);
  await page.getByRole('link', { name: 'Overview', exact: true }).click();
  const requests = figureCard(page, 'Requests in range').locator('data');
  await expect.poll(() => requests.getAttribute('value')).toBe(String(failed));
  await page.goto(`${dashboard.url}/requests?range=90d&tag.team=nobody`);
  await page.getByText('No request of this range matches.').waitFor();
  await page.getByRole('button', { name: 'tag team: nobody, remove this filter' }).waitFor();
});

test('opening and closing a request keeps range and filters', async () => {
  const { page } = visitor;
  await page.goto(`${dashboard.url}/requests?range=90d&agent=crawler`);
  await requestLinks(page).first().click();
  await page.getByRole('dialog').getByRole('heading', { name: 'How was this priced?' }).waitFor();
  expect(search()).toEqual({ range: '90d', agent: 'crawler' });
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  expect(new URL(page.url()).pathname).toBe('/requests');
  expect(search()).toEqual({ range: '90d', agent: 'crawler' });
});

test('an address with nonsense in it shows the page with its defaults', async () => {
  const { page } = visitor;
  await page.goto(`${dashboard.url}/?range=__proto__&by=constructor&zone=Mars%2FOlympus&from=1&x=%00%22%3E`);
  await settled(page);
  await page.getByRole('heading', { name: 'By model' }).waitFor();
  expect(await page.getByRole('combobox', { name: 'Time range' }).inputValue()).toBe('Last 30 days');
});

test('a request that does not exist says so', async () => {
  const { page } = visitor;
  await page.goto(`${dashboard.url}/event/acme/nobody-made-this`);
  await page.getByRole('dialog').getByText('There is no such event.').waitFor();
});
