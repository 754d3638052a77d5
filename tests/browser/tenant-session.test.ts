import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Dashboard, startDashboard } from './dashboard.ts';
import { liveMark } from './parts.ts';
import { settled } from './visit.ts';

const SECRET = 'globex-secret';

let dashboard: Dashboard;
beforeAll(async () => {
  dashboard = await startDashboard();
  const event = (id: string, tenant: string, name: string) => ({
    id,
    tenant,
    provider: 'openai',
    model: `${name}-model`,
    agent: `${name}-agent`,
    project: `${name}-project`,
    usage: { prompt_tokens: 10, completion_tokens: 10 },
  });
  await dashboard.record([event('mine', 'acme', 'acme'), event('theirs', 'globex', SECRET)]);
});
afterAll(() => dashboard.stop());

test('a session for one tenant sees that tenant alone on every page, whatever the address says', async () => {
  const { page, problems } = await dashboard.signIn({}, { role: 'member', tenantId: 'acme' });
  const seen: string[] = [];
  page.on('response', async (response) => {
    if (response.url().includes('/trpc/')) seen.push(await response.text().catch(() => ''));
  });
  for (const address of [
    '/',
    '/?by=agent',
    '/?by=project&range=90d',
    '/requests',
    '/requests?unpriced=true',
  ]) {
    await page.goto(dashboard.url + address);
    await settled(page);
    await page.getByText(/acme-/).first().waitFor();
    expect(await page.content()).not.toContain('globex');
  }
  expect(await page.getByRole('combobox', { name: 'Tenant' }).count()).toBe(0);
  expect(problems).toEqual([]);
  for (const address of [
    '/?tenant=globex',
    '/requests?tenant=globex',
    '/requests/globex/theirs',
    '/event/globex/theirs',
  ]) {
    await page.goto(dashboard.url + address);
    await page.getByText('This key belongs to one tenant and cannot read another.').first().waitFor();
  }
  await page.goto(`${dashboard.url}/requests/acme/theirs`);
  await page.getByText('There is no such event.').waitFor();
  expect(seen.length).toBeGreaterThan(5);
  expect(seen.filter((text) => text.includes(SECRET))).toEqual([]);
});

test('the live stream of a session for one tenant tells of that tenant alone', async () => {
  const { page } = await dashboard.signIn({}, { role: 'member', tenantId: 'acme' });
  await settled(page);
  await page.evaluate(() => {
    const heard: string[] = [];
    Object.assign(window, { heard });
    new EventSource('/api/usage/stream').addEventListener('usage', (event) => heard.push(event.data));
  });
  await liveMark(page, 'live').waitFor();
  await dashboard.call({ tenant: 'globex', agent: SECRET });
  await dashboard.call({ tenant: 'acme', agent: 'heard' });
  await page.waitForFunction(() => (window as unknown as { heard: string[] }).heard.length > 0);
  const heard = await page.evaluate(() => (window as unknown as { heard: string[] }).heard.join());
  expect(heard).toContain('"acme"');
  expect(heard).not.toContain('globex');
});

test('a link for a tenant that does not exist is refused', () =>
  expect(dashboard.loginLink({ role: 'member', tenantId: 'nobody' })).rejects.toThrow('There is no tenant'));
