/**
 * Takes the pictures of the documentation from the demo: `npm run screenshots`. The demo runs in a folder of its own
 * and ends with this program; `docs/screenshots/*.png` are written over.
 */
import { mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { startChromium } from '../tests/browser/chromium.ts';
import { startDemo } from '../tests/browser/demo.ts';
import { requestLinks } from '../tests/browser/parts.ts';

const root = resolve(import.meta.dirname, '..');
const folder = join(root, 'docs/screenshots');

interface Picture {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly scheme: 'light' | 'dark';
  /** What to do on the overview before the picture is taken. */
  readonly prepare?: (page: Page) => Promise<void>;
}

const PICTURES: readonly Picture[] = [
  { name: 'overview', width: 1280, height: 1160, scheme: 'light' },
  { name: 'overview-dark', width: 1280, height: 900, scheme: 'dark' },
  { name: 'overview-narrow', width: 390, height: 844, scheme: 'light' },
  { name: 'request', width: 1280, height: 900, scheme: 'light', prepare: openTellingRequest },
];

const demo = await startDemo();
const { browser, close } = await startChromium();
try {
  await mkdir(folder, { recursive: true });
  for (const picture of PICTURES) await take(browser, picture, await demo.login());
} finally {
  await close();
  await demo.stop();
}

async function take(on: Browser, picture: Picture, login: string): Promise<void> {
  const context = await on.newContext({
    viewport: { width: picture.width, height: picture.height },
    colorScheme: picture.scheme,
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.goto(login);
  await page.getByRole('heading', { name: 'Newest requests' }).waitFor();
  await page.locator('.recharts-bar-rectangle').first().waitFor();
  await picture.prepare?.(page);
  await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
  const path = join(folder, `${picture.name}.png`);
  await page.screenshot({ path });
  console.log(`${path} ${Math.round((await stat(path)).size / 1024)} KiB`);
  await context.close();
}

/** The first request whose charge has several lines; the last one looked at where there is none. */
async function openTellingRequest(page: Page): Promise<void> {
  for (const link of await requestLinks(page).all()) {
    await link.click();
    const drawer = page.getByRole('dialog');
    await drawer.getByText('How was this priced?').waitFor();
    if ((await drawer.locator('table').first().locator('tbody tr').count()) >= 3) return;
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'hidden' });
  }
}
