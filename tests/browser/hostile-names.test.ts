import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADMIN_KEY, type Dashboard, startDashboard } from './dashboard.ts';
import { HOSTILE_STRINGS, REFUSED_STRINGS } from './hostile-strings.ts';
import { breakdownRows, requestLinks } from './parts.ts';
import { overflow, settled } from './visit.ts';

let dashboard: Dashboard;
beforeAll(async () => {
  dashboard = await startDashboard();
  await dashboard.record(
    HOSTILE_STRINGS.map((hostile, index) => ({
      id: `hostile-${index}`,
      tenant: 'acme',
      provider: 'openai',
      model: hostile,
      agent: hostile,
      project: hostile,
      user: hostile,
      workflow: hostile,
      tags: { [hostile]: hostile },
      usage: { prompt_tokens: 1_000 + index, completion_tokens: 10 },
    })),
  );
});
afterAll(() => dashboard.stop());

test('there are fifty different strings', () => {
  expect(new Set(HOSTILE_STRINGS).size).toBe(50);
});

test.each([1440, 360])(
  'at %i px hostile names are text on every page: nothing runs, nothing is loaded, nothing overflows',
  async (width) => {
    const { page, problems, context } = await dashboard.signIn({ viewport: { width, height: 800 } });
    const foreign: string[] = [];
    context.on('request', (request) => {
      if (!request.url().startsWith(dashboard.url) && !request.url().startsWith('data:'))
        foreign.push(request.url());
    });
    const check = async (address: string) => {
      await page.goto(dashboard.url + address);
      await settled(page);
      expect(`${address} ${await overflow(page)}`).toBe(`${address} 0`);
      expect(await page.evaluate(() => 'hit' in window)).toBe(false);
    };
    for (const by of ['model', 'agent', 'project']) {
      await check(`/?by=${by}`);
      await page.getByText('table', { exact: true }).click();
      await settled(page);
      expect(`${by} ${await overflow(page)}`).toBe(`${by} 0`);
    }
    const dialog = page.getByRole('dialog');
    const checkDialog = async (index: number, hostile: string) => {
      const title = dialog.locator('article h2');
      await title.waitFor();
      expect(await title.textContent()).toBe(hostile);
      const inside = await dialog.evaluate((element) => element.scrollWidth - element.clientWidth);
      expect(`${index} ${inside} ${await overflow(page)}`).toBe(`${index} 0 0`);
      expect(await page.evaluate(() => 'hit' in window)).toBe(false);
    };
    await check('/requests');
    const listed = await requestLinks(page).allTextContents();
    expect(new Set(listed)).toEqual(new Set(HOSTILE_STRINGS));
    // A few at each width by a click; those that are long at both, by their address.
    for (const [index, hostile] of HOSTILE_STRINGS.entries()) {
      if (index >= 45 || index % 8 !== (width === 360 ? 0 : 2)) continue;
      await requestLinks(page).nth(listed.indexOf(hostile)).click();
      await checkDialog(index, hostile);
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden' });
    }
    for (const [index, hostile] of HOSTILE_STRINGS.entries()) {
      if (index < 45) continue;
      await check(`/requests/acme/hostile-${index}?range=90d`);
      await checkDialog(index, hostile);
    }
    expect(foreign).toEqual([]);
    expect(problems).toEqual([]);
  },
  90_000,
);

test('a filter by any of these names, set by a click, survives the reload and finds its one event', async () => {
  const { page } = await dashboard.signIn();
  await page.goto(`${dashboard.url}/requests`);
  for (const hostile of [
    '123',
    'true',
    'null',
    '{"a":1}',
    '..',
    '?range=90d&tenant=globex#x',
    '%2e%2e%2f%00',
  ]) {
    await page.goto(`${dashboard.url}/requests?agent=${encodeURIComponent(JSON.stringify(hostile))}`);
    await settled(page);
    expect(await requestLinks(page).allTextContents()).toEqual([hostile]);
  }
});

test('rows of the breakdown put their name into the address so that it can be read back', async () => {
  const { page } = await dashboard.signIn();
  await page.goto(`${dashboard.url}/?by=agent`);
  await settled(page);
  const rows = breakdownRows(page);
  const names = await rows.allTextContents();
  expect(names.length).toBeGreaterThan(5);
  for (const [index, name] of names.entries()) {
    await rows.nth(index).click();
    await expect.poll(() => new URL(page.url()).search).toContain('agent=');
    await page.reload();
    await settled(page);
    expect(await rows.allTextContents()).toEqual([name]);
    await page.goBack();
    await settled(page);
    await expect.poll(() => rows.count()).toBe(names.length);
  }
});

test('ids that look like paths open all the same', async () => {
  const ids = ['a/b', 'a%2Fb', '100%', 'x?y#z', '<img src=x>', 'ü 漢'];
  await dashboard.record(
    ids.map((id) => ({
      id,
      tenant: 'globex',
      provider: 'openai',
      model: 'gpt-5-mini',
      usage: { prompt_tokens: 1, completion_tokens: 1 },
    })),
  );
  const { page } = await dashboard.signIn();
  for (const id of ids) {
    await page.goto(`${dashboard.url}/requests/globex/${encodeURIComponent(id)}`);
    await page.getByRole('dialog').getByText(id, { exact: true }).waitFor();
  }
});

test('names that are too long or hold control characters are refused one by one, with a reason', async () => {
  const response = await fetch(`${dashboard.url}/api/usage/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(
      REFUSED_STRINGS.map((name) => ({ provider: 'openai', model: name, usage: { prompt_tokens: 1 } })),
    ),
  });
  const { data } = (await response.json()) as { data: { results: { status: string }[] } };
  expect(response.status).toBe(200);
  expect(data.results.map(({ status }) => status)).toEqual(REFUSED_STRINGS.map(() => 'rejected'));
});
