/** What the URL asks for, in the words of the API. */
import { useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useSession } from '../session/session.ts';
import { DEFAULTS, FILTERS, type RangeName, readSearch, type Search } from './search.ts';

const DAY_MS = 86_400_000;
const DAYS: Record<Exclude<RangeName, '24h' | 'mtd'>, number> = { '7d': 7, '30d': 30, '90d': 90 };

export interface Scope {
  readonly timezone: string;
  readonly from: string;
  readonly tenant?: string;
  readonly filters?: Record<string, string[]>;
}

/** What the URL says, as far as it can be used: the router leaves what the root route dropped in its search. */
export function useUrlSearch(): Search {
  return useSearch({ from: '__root__', select: readSearch, structuralSharing: true });
}

/** The search of the URL with its defaults filled in. */
export function useUrl(): Search & Required<Pick<Search, 'range' | 'by'>> {
  const search = useUrlSearch();
  return { ...DEFAULTS, ...search };
}

/** Tenant, zone, beginning and filters of every query on a page; the end is always now. */
export function useScope(): Scope {
  const search = useUrlSearch();
  const range = search.range ?? DEFAULTS.range;
  const session = useSession();
  const timezone = search.zone ?? session.timezone;
  return useMemo(() => {
    const filters: Record<string, string[]> = {};
    for (const name of FILTERS) {
      const value = search[name];
      if (value !== undefined) filters[name] = [value];
    }
    return {
      timezone,
      from: rangeStart(range, timezone, Date.now()),
      ...(search.tenant === undefined ? {} : { tenant: search.tenant }),
      ...(Object.keys(filters).length === 0 ? {} : { filters }),
    };
  }, [search, range, timezone]);
}

/**
 * Where a named range begins: an instant for hours, a calendar day of the zone for everything longer.
 *
 * @example rangeStart('7d', 'UTC', Date.parse('2026-11-22T10:00:00Z')) // '2026-11-16'
 */
export function rangeStart(range: RangeName, timeZone: string, now: number): string {
  if (range === '24h') {
    // Whole minutes: the same query for all who ask within one.
    return new Date(Math.floor((now - DAY_MS) / 60_000) * 60_000).toISOString();
  }
  const today = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).format(now);
  if (range === 'mtd') return `${today.slice(0, 7)}-01`;
  return new Date(Date.parse(`${today}T00:00:00Z`) - (DAYS[range] - 1) * DAY_MS).toISOString().slice(0, 10);
}
