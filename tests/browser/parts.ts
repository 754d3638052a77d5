/** Where the parts of the dashboard are found: by what they are and are called, never by how they look. */
import type { Locator, Page } from 'playwright-core';

/** The rows of the table of requests. */
export const requestRows = (page: Page): Locator => page.locator('tr', { has: page.locator(REQUEST_LINK) });

const REQUEST_LINK = 'td[data-column="model"] a';

/** The link of each row of the table of requests; its text is the model. */
export const requestLinks = (page: Page): Locator => page.locator(REQUEST_LINK);

/** One of the figures at the top of the overview. */
export const figureCard = (page: Page, label: string): Locator =>
  page.getByRole('group', { name: label, exact: true });

/** The panel that says what the money went to. */
export const breakdown = (page: Page): Locator => page.getByRole('region', { name: /^By / });

/** Its rows: each button narrows the page to what it names. */
export const breakdownRows = (page: Page): Locator => breakdown(page).locator('tbody button');

/** The mark that says whether the page is live. */
export const liveMark = (page: Page, state: 'connecting' | 'live' | 'lost'): Locator =>
  page.locator(`[role="status"][data-state="${state}"]`);
