import { expect, test } from 'vitest';
import { DASHBOARD_PATHS, PAGES, pagesFor } from './pages.ts';

test('no two pages share an address, an id or a key', () => {
  expect(new Set(DASHBOARD_PATHS).size).toBe(DASHBOARD_PATHS.length);
  expect(new Set(PAGES.map(({ id }) => id)).size).toBe(PAGES.length);
  expect(new Set(PAGES.map(({ key }) => key)).size).toBe(PAGES.length);
});

test('a role is offered the pages whose questions it may ask, and no other', () => {
  expect(pagesFor('ingest')).toEqual([]);
  expect(pagesFor('viewer').every(({ needs }) => needs === 'usage:read')).toBe(true);
  expect(pagesFor('admin')).toEqual(PAGES);
});
