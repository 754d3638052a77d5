import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Dashboard, startDashboard } from './dashboard.ts';
import { ledgerSample } from './ledger-sample.ts';
import { requestLinks } from './parts.ts';
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

/** What has the focus, in the words a screen reader would use. */
function focused(): Promise<string> {
  return visitor.page.evaluate(() => {
    const element = document.activeElement;
    return element?.getAttribute('aria-label') || element?.textContent?.trim() || element?.tagName || '';
  });
}

/** Presses Tab until something is focused; fails when it is not reached. */
async function tabTo(wanted: RegExp, most = 60): Promise<string[]> {
  const passed: string[] = [];
  for (let presses = 0; presses < most; presses += 1) {
    await visitor.page.keyboard.press('Tab');
    const name = await focused();
    if (wanted.test(name)) return passed;
    passed.push(name);
  }
  throw new Error(`${wanted} was not reached by Tab; passed ${passed.join(' | ')}`);
}

test('the first stop skips to the content and is visible while it has the focus', async () => {
  const { page } = visitor;
  await page.keyboard.press('Tab');
  expect(await focused()).toBe('Skip to the content');
  const box = await page.getByText('Skip to the content').boundingBox();
  expect(box?.width).toBeGreaterThan(50);
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
});

test('Tab goes through navigation, bar and panels in the order they are seen', async () => {
  const stops = await tabTo(/^Switch to/);
  expect(stops).toEqual([
    'Skip to the content',
    'Farthing, overview',
    'Overview',
    'Requests',
    'Account: Administrator',
    'Time range',
    'Time zone',
    'Tenant',
  ]);
});

test('whatever has the focus shows it', async () => {
  const { page } = visitor;
  const unmarked: string[] = [];
  for (let presses = 0; presses < 25; presses += 1) {
    await page.keyboard.press('Tab');
    const marked = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === null || element === document.body) return true;
      const look = (one: Element) => {
        const { outlineStyle, outlineWidth, boxShadow, borderColor } = getComputedStyle(one);
        return `${outlineStyle !== 'none' && outlineWidth !== '0px'}${boxShadow}${borderColor}`;
      };
      const radio = element.matches('input[type="radio"]') ? element.nextElementSibling : null;
      const seen = radio ?? element;
      const settle = () => {
        for (const running of document.getAnimations()) running.finish();
      };
      settle();
      const withFocus = look(seen);
      (element as HTMLElement).blur();
      settle();
      const without = look(seen);
      (element as HTMLElement).focus({ preventScroll: true });
      return withFocus.startsWith('true') || withFocus !== without;
    });
    if (!marked) unmarked.push(await focused());
  }
  expect(unmarked).toEqual([]);
});

test('Enter opens the focused request, Esc closes it and gives the focus back', async () => {
  const { page } = visitor;
  const link = requestLinks(page).first();
  await link.focus();
  const model = await focused();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByRole('heading', { name: model, exact: true }).waitFor();
  expect(await page.evaluate(() => document.activeElement?.closest('[role="dialog"]') !== null)).toBe(true);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await expect.poll(focused).toBe(model);
});

test('? shows which keys there are, Esc puts them away', async () => {
  const { page } = visitor;
  await page.keyboard.press('Shift+?');
  await page.getByRole('dialog').getByText('This sheet').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
});

test('g then r leads to the requests, g then o to the overview, keeping what the address says', async () => {
  const { page } = visitor;
  await page.goto(`${dashboard.url}/?range=7d`);
  await settled(page);
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await page.waitForURL('**/requests?range=7d');
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await page.waitForURL(`${dashboard.url}/?range=7d`);
});

test('letters typed into a field are letters', async () => {
  const { page } = visitor;
  const zone = page.getByRole('combobox', { name: 'Time zone' });
  await zone.click();
  await zone.fill('');
  await zone.pressSequentially('gro?');
  expect(await zone.inputValue()).toBe('gro?');
  expect(new URL(page.url()).pathname).toBe('/');
  expect(await page.getByText('This sheet').count()).toBe(0);
});
