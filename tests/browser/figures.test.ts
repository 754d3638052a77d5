import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Dashboard, startDashboard } from './dashboard.ts';
import { ledgerSample, UNPRICED_EVENTS, UNPRICED_MODEL } from './ledger-sample.ts';
import { breakdown, figureCard, requestLinks, requestRows } from './parts.ts';
import { settled, type Visit } from './visit.ts';

const PICOS = 10n ** 12n;
const now = Date.now();
const sample = ledgerSample(now);

let dashboard: Dashboard;
let visitor: Visit;
/** What the server said each event costs when it was recorded, in picos; null = unpriced. */
let costs: readonly (bigint | null)[];
beforeAll(async () => {
  dashboard = await startDashboard();
  costs = (await dashboard.record(sample)).map((cost) => (cost === null ? null : toPicos(cost)));
  visitor = await dashboard.signIn();
  await visitor.page.goto(`${dashboard.url}/?range=30d&zone=UTC`);
  await settled(visitor.page);
});
afterAll(() => dashboard.stop());

test('the cards show the sums of what was recorded, to the shown digit', async () => {
  const { page } = visitor;
  const card = async (label: string) => {
    const figure = figureCard(page, label).locator('data').first();
    return { value: await figure.getAttribute('value'), text: await figure.textContent() };
  };
  const inRange = recordedSince(utcDay(now) - 29 * 86_400_000);
  expect(await card('Spend in range')).toEqual({
    value: print(inRange.picos),
    text: twoDigits(inRange.picos),
  });
  expect((await card('Requests in range')).value).toBe(String(inRange.requests));
  const month = recordedSince(Date.UTC(new Date(now).getUTCFullYear(), new Date(now).getUTCMonth(), 1));
  expect(await card('This month')).toEqual({ value: print(month.picos), text: twoDigits(month.picos) });
});

test('the rows of the breakdown sum to its total, and the total is the card', async () => {
  const { page } = visitor;
  const amounts = await breakdown(page)
    .locator('tbody data[title^="$"]')
    .evaluateAll((cells) => cells.map((cell) => cell.getAttribute('value') ?? ''));
  const total = await breakdown(page).locator('tfoot data[title^="$"]').getAttribute('value');
  expect(amounts.length).toBeGreaterThan(2);
  expect(amounts.reduce((sum, amount) => sum + toPicos(amount), 0n)).toBe(toPicos(total ?? ''));
  expect(toPicos(total ?? '')).toBe(recordedSince(utcDay(now) - 29 * 86_400_000).picos);
});

test('a column sorts by its exact figures from the keyboard and says so, then the rows go back as they came', async () => {
  const panel = breakdown(visitor.page);
  const spend = panel.getByRole('columnheader', { name: 'spend' });
  const amounts = () =>
    panel
      .locator('tbody [data-column="spend"] data')
      .evaluateAll((cells) => cells.map((cell) => cell.getAttribute('value') ?? ''));
  const given = await amounts();
  const sorted = given.toSorted((a, b) => (toPicos(a) < toPicos(b) ? -1 : 1));
  await spend.getByRole('button').focus();
  for (const [direction, order] of [
    ['descending', sorted.toReversed()],
    ['ascending', sorted],
    [null, given],
  ] as const) {
    await visitor.page.keyboard.press('Enter');
    expect([await spend.getAttribute('aria-sort'), await amounts()]).toEqual([direction, order]);
  }
});

test('the chart has a table with the same figures, and goes back to being a chart', async () => {
  const { page } = visitor;
  const panel = page.getByRole('region', { name: 'Spend over time', exact: true });
  await panel.getByText('table', { exact: true }).click();
  const totals = await panel
    .locator('tbody tr td:nth-child(2) data')
    .evaluateAll((cells) => cells.map((cell) => cell.getAttribute('value') ?? ''));
  expect(totals).toHaveLength(30);
  expect(totals.reduce((sum, amount) => sum + toPicos(amount), 0n)).toBe(
    recordedSince(utcDay(now) - 29 * 86_400_000).picos,
  );
  await panel.getByText('chart', { exact: true }).click();
  await panel.locator('.recharts-surface').first().waitFor();
});

test('a row opens how it was priced: lines that sum to the charge, the price card, the raw usage', async () => {
  const { page } = visitor;
  await requestLinks(page).first().click();
  const drawer = page.getByRole('dialog');
  await drawer.getByRole('heading', { name: 'How was this priced?' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/event/globex/sample-0');
  const lines = await drawer
    .locator('table')
    .first()
    .locator('tbody td:last-child')
    .evaluateAll((cells) => cells.map((cell) => cell.textContent ?? ''));
  const figure = (await drawer.locator('article data').first().textContent()) ?? '';
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.reduce((sum, line) => sum + toPicos(line.replace('$', '')), 0n)).toBe(costs[0]);
  expect(toPicos(figure.replace('$', ''))).toBe(costs[0]);
  await drawer
    .getByText(/^Price card:/)
    .first()
    .click();
  await drawer
    .getByText(/Source:/)
    .first()
    .waitFor();
  await drawer.getByText('Raw usage, as the provider sent it').click();
  const raw = JSON.parse((await drawer.getByRole('region', { name: 'Raw usage' }).textContent()) ?? '');
  expect(raw).toEqual(sample[0]?.usage);
  await page.keyboard.press('Escape');
});

test('an opened request has an address of its own that can be reloaded', async () => {
  const { page } = await dashboard.signIn();
  for (const address of ['/event/acme/sample-1', '/requests/acme/sample-1?range=7d']) {
    await page.goto(dashboard.url + address);
    await page.reload();
    await page.getByRole('dialog').getByText('sample-1', { exact: true }).waitFor();
  }
});

test('the notice of unpriced requests leads to exactly these', async () => {
  const { page } = visitor;
  await page.goto(`${dashboard.url}/?range=90d&zone=UTC`);
  await page.getByText(`${UNPRICED_EVENTS} requests have no price.`).waitFor();
  await page.getByRole('link', { name: 'See which' }).click();
  await page.waitForURL(/\/requests\?.*unpriced=true/);
  await settled(page);
  await page.getByText('unpriced only').waitFor();
  expect(await requestRows(page).count()).toBe(UNPRICED_EVENTS);
  await requestLinks(page).first().click();
  await page.getByRole('dialog').getByText('This request has no price.').waitFor();
});

test('what no request has a price for is unknown in a breakdown, never 0, and what some have none for is at least so much', async () => {
  const { page } = visitor;
  await page.goto(`${dashboard.url}/?range=90d&zone=UTC&by=model`);
  const panel = breakdown(page);
  const row = panel.locator('tbody tr', { hasText: UNPRICED_MODEL });
  await row.waitFor();
  const cells = await row.locator('td').allTextContents();
  expect(cells.slice(1, 3)).toEqual(['—', '—']);
  expect(await row.locator('td').nth(1).locator('[title]').getAttribute('title')).toBe(
    `No price is known for any of its ${UNPRICED_EVENTS} requests`,
  );
  expect(await panel.locator('tfoot abbr').getAttribute('title')).toBe(
    `At least: ${UNPRICED_EVENTS} of ${sample.length} requests have no price`,
  );
});

test('nothing of this raised an error or broke the content security policy', () => {
  expect(visitor.problems).toEqual([]);
});

/** Sum and number of the events from an instant on; unpriced ones count and cost nothing. */
function recordedSince(from: number): { readonly picos: bigint; readonly requests: number } {
  const picked = sample
    .map((event, index) => ({ at: Date.parse(event.time ?? ''), cost: costs[index] ?? 0n }))
    .filter(({ at }) => at >= from);
  return { picos: picked.reduce((sum, { cost }) => sum + cost, 0n), requests: picked.length };
}

function utcDay(at: number): number {
  return Math.floor(at / 86_400_000) * 86_400_000;
}

function toPicos(decimal: string): bigint {
  const [whole = '0', fraction = ''] = decimal.replaceAll(',', '').split('.');
  return BigInt(whole) * PICOS + BigInt(fraction.padEnd(12, '0'));
}

/** As the API prints it: no trailing zeros. */
function print(picos: bigint): string {
  const fraction = (picos % PICOS).toString().padStart(12, '0').replace(/0+$/, '');
  return `${picos / PICOS}${fraction === '' ? '' : `.${fraction}`}`;
}

/** As a card shows an amount of a cent and more, below a thousand dollars. */
function twoDigits(picos: bigint): string {
  const cents = (picos + PICOS / 200n) / (PICOS / 100n);
  return `$${cents / 100n}.${(cents % 100n).toString().padStart(2, '0')}`;
}
