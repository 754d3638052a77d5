import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Dashboard, startDashboard } from './dashboard.ts';
import { overflow, seriousFindings, settled } from './visit.ts';

let dashboard: Dashboard;
beforeAll(async () => {
  dashboard = await startDashboard();
});
afterAll(() => dashboard.stop());

test('a one-time link signs in once: the second visitor who opens it is asked to sign in', async () => {
  const link = await dashboard.loginLink();
  const first = await dashboard.visit();
  await first.page.goto(link);
  await first.page.getByRole('heading', { name: 'Overview' }).waitFor();
  expect(new URL(first.page.url()).search).toBe('');

  const second = await dashboard.visit();
  await second.page.goto(link);
  await second.page.getByRole('heading', { name: 'Sign in to Farthing' }).waitFor();
  expect(await second.context.cookies()).toEqual([]);
});

test('two visitors who open the same link at once: one is signed in', async () => {
  const link = await dashboard.loginLink();
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => fetch(link, { redirect: 'manual' }).then(({ headers }) => headers)),
  );
  expect(answers.filter((headers) => headers.get('set-cookie') !== null)).toHaveLength(1);
});

test('a link that nobody made leads to the signed-out page, which says how to get one', async () => {
  const { page, context, problems } = await dashboard.visit();
  await page.goto(`${dashboard.url}/login?token=${'A'.repeat(43)}`);
  await page.getByRole('heading', { name: 'Sign in to Farthing' }).waitFor();
  await page.getByText('npm run -s farthing -- login').waitFor();
  expect(await context.cookies()).toEqual([]);
  // Chromium reports the answer 401 itself; nothing else may be wrong.
  expect(problems.filter((problem) => !problem.includes('401 (Unauthorized)'))).toEqual([]);
});

test('looking at a link by HEAD does not use it up', async () => {
  const link = await dashboard.loginLink();
  const looked = await fetch(link, { method: 'HEAD', redirect: 'manual' });
  expect(looked.headers.get('set-cookie')).toBeNull();
  const { page } = await dashboard.visit();
  await page.goto(link);
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
});

test('the session cookie is out of reach of scripts and of other sites', async () => {
  const { page, context } = await dashboard.signIn();
  await settled(page);
  expect(await page.evaluate(() => document.cookie)).toBe('');
  expect(await context.cookies()).toMatchObject([
    { name: 'farthing_session', httpOnly: true, sameSite: 'Lax', path: '/' },
  ]);
});

test('a used link does not take the session away from who is signed in', async () => {
  const link = await dashboard.loginLink();
  const { page } = await dashboard.visit();
  await page.goto(link);
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await page.goto(link);
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
});

test('a session that is revoked is out at the next look', async () => {
  const { page } = await dashboard.signIn();
  await settled(page);
  const ended = await page.evaluate(() =>
    fetch('/api/session/end', { method: 'POST' }).then(({ status }) => status),
  );
  expect(ended).toBe(200);
  await page.reload();
  await page.getByRole('heading', { name: 'Sign in to Farthing' }).waitFor();
});

test.each([1440, 360])(
  'at %i px signing out in the account menu ends the session: a reload shows the sign-in page',
  async (width) => {
    const { page, context, problems } = await dashboard.signIn({ viewport: { width, height: 800 } });
    await settled(page);
    const [cookie] = await context.cookies();
    await page.getByRole('button', { name: 'Account: Administrator' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Sign out' }).waitFor();
    expect(await overflow(page)).toBe(0);
    expect(await seriousFindings(page)).toEqual([]);
    const folder = process.env['FARTHING_SCREENSHOTS'];
    if (folder !== undefined) await page.screenshot({ path: `${folder}/account-${width}.png` });
    expect(problems).toEqual([]);
    await page.getByRole('menuitem', { name: 'Sign out' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Sign in to Farthing' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in to Farthing' }).waitFor();
    const headers = { cookie: `farthing_session=${cookie?.value}` };
    expect((await dashboard.ask('session.me', undefined, headers)).status).toBe(401);
  },
);

test('a tab whose session ends while it is open shows how to sign in again at its next question', async () => {
  const { page, context } = await dashboard.signIn();
  await settled(page);
  await context.clearCookies();
  await page.getByRole('link', { name: 'Requests' }).click();
  await page.getByRole('heading', { name: 'Sign in to Farthing' }).waitFor();
});

const PASSWORD = 'a quarter of a penny';

/** Invites a viewer of `acme`; the address of the page that the link leads to. */
async function invite(email: string): Promise<string> {
  const { link } = await dashboard.server.context.users.invite(
    { email, as: { role: 'viewer', tenantId: 'acme' } },
    'test',
  );
  return `${dashboard.url}/welcome#${link.token}`;
}

test('an invited person chooses a password, is in, and signs in with it in another browser', async () => {
  const { page, problems } = await dashboard.visit();
  await page.goto(await invite('ada@example.com'));
  await page.getByRole('heading', { name: 'Welcome to Farthing' }).waitFor();
  await page.getByLabel('Password', { exact: true }).fill('short');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('alert').getByText('at least 12 characters').waitFor();
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  expect(page.url()).not.toContain('#');
  expect(problems.filter((problem) => !problem.includes('400 (Bad Request)'))).toEqual([]);

  const other = await dashboard.visit();
  await other.page.goto(`${dashboard.url}/requests`);
  await other.page.getByLabel('E-mail').fill('Ada@example.com');
  await other.page.getByLabel('Password', { exact: true }).fill('not the password');
  await other.page.getByRole('button', { name: 'Sign in' }).click();
  await other.page.getByRole('alert').getByText('do not fit together').waitFor();
  await other.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await other.page.getByLabel('Password', { exact: true }).press('Enter');
  await other.page.getByRole('heading', { name: 'Requests' }).waitFor();

  const { users } = dashboard.server.context;
  const ada = await users.findByEmail('ada@example.com');
  await users.invite({ email: 'ada@example.com', as: { role: 'member', tenantId: 'globex' } }, 'test');
  await dashboard.server.context.db.asOperator((tx) =>
    tx.query(`update memberships set accepted_at = now() where user_id = $1`, [ada?.id]),
  );
  await other.page.goto(dashboard.url);
  await other.page.getByRole('button', { name: 'Account: ada@example.com' }).click();
  await other.page.getByText('Viewer · acme').waitFor();
  await other.page.getByRole('menuitem', { name: 'Go on in globex' }).click();
  await other.page.waitForURL(`${dashboard.url}/`);
  await other.page.getByRole('menuitem').first().waitFor({ state: 'detached' });
  await other.page.getByRole('button', { name: 'Account: ada@example.com' }).click();
  await other.page.getByText('Member · globex').waitFor();
}, 120_000);

test.each(['light', 'dark'] as const)(
  'the signed-out page fits a phone in %s colours',
  async (colorScheme) => {
    const { page } = await dashboard.visit({ viewport: { width: 360, height: 740 }, colorScheme });
    await page.goto(dashboard.url);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    const folder = process.env['FARTHING_SCREENSHOTS'];
    if (folder !== undefined)
      await page.screenshot({ path: `${folder}/sign-in-${colorScheme}.png`, fullPage: true });
  },
);
