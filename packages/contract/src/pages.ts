/**
 * The pages of the dashboard. The server answers their addresses, the navigation lists them, the router draws them, and
 * the keys that lead to them are made from it. This file stays free of zod: it is part of the first view.
 */
import { type Permission, ROLE_PERMISSIONS, type Role } from './access/permissions.ts';

export interface Page {
  readonly id: string;
  /** Its address; `$name` is a parameter. */
  readonly path: `/${string}`;
  /** Its name in the navigation and above the page. */
  readonly title: string;
  /** Where the navigation lists it. */
  readonly group: PageGroup;
  /** The permission for this page; without it the page is not offered. The server checks its queries itself. */
  readonly needs: Permission;
  /** The key that leads there after `g`. */
  readonly key: string;
  /** The address at which a request opens over this page; null if none does. */
  readonly requestPath: `/${string}/$tenant/$id` | null;
}

/** Groups of the navigation, in its order. */
export const PAGE_GROUPS = ['spend'] as const;
export type PageGroup = (typeof PAGE_GROUPS)[number];

/** In the order of the navigation. */
export const PAGES = [
  {
    id: 'overview',
    path: '/',
    title: 'Overview',
    group: 'spend',
    needs: 'usage:read',
    key: 'o',
    requestPath: '/event/$tenant/$id',
  },
  {
    id: 'requests',
    path: '/requests',
    title: 'Requests',
    group: 'spend',
    needs: 'usage:read',
    key: 'r',
    requestPath: '/requests/$tenant/$id',
  },
] as const satisfies readonly Page[];

export type PageId = (typeof PAGES)[number]['id'];
export type PagePath = (typeof PAGES)[number]['path'];
/** Where a request opens: the drawer over one of the pages. */
export type RequestPath = Exclude<(typeof PAGES)[number]['requestPath'], null>;

/** Addresses outside the navigation. */
export const OTHER_PATHS = {
  /** Where an invitation leads, without a session. */
  welcome: '/welcome',
  /** A former address of the overview. */
  ops: '/ops',
} as const;

/** Every address that is answered with the dashboard; all others are API routes or unknown. */
export const DASHBOARD_PATHS: readonly string[] = [
  ...PAGES.flatMap(({ path, requestPath }: Page) => (requestPath === null ? [path] : [path, requestPath])),
  ...Object.values(OTHER_PATHS),
];

/**
 * The pages that a role is offered, in the order of the navigation.
 *
 * @example pagesFor('ingest') // []: such a key reads nothing
 */
export function pagesFor(role: Role): readonly (typeof PAGES)[number][] {
  const may: readonly Permission[] = ROLE_PERMISSIONS[role];
  return PAGES.filter(({ needs }) => may.includes(needs));
}
