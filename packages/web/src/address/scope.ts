/** What the address asks for, in the words of the API. */
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { useSession } from '../session/session.ts';
import { costFilters } from './filters.ts';
import { changeSearch, DEFAULTS, readSearch, type Search, type SearchChange } from './search.ts';
import { rangeStart } from './time-ranges.ts';

export interface Scope {
  readonly timezone: string;
  readonly from: string;
  readonly tenant?: string;
  readonly filters?: Record<string, string[]>;
}

/** The usable part of the address: the router's search also has what the root route dropped. */
export function useUrlSearch(): Search {
  return useSearch({ from: '__root__', select: readSearch, structuralSharing: true });
}

/** The search of the address with its defaults filled in. */
export function useUrl(): Search & Required<Pick<Search, 'range' | 'by'>> {
  const search = useUrlSearch();
  return { ...DEFAULTS, ...search };
}

/** Changes what the address says and stays on the page. */
export function useChangeUrl(): (change: SearchChange) => void {
  const navigate = useNavigate();
  return useCallback(
    (change) => void navigate({ to: '.', search: (previous) => changeSearch(previous, change) }),
    [navigate],
  );
}

/** Tenant, zone, beginning and filters of every query on a page; the end is always now. */
export function useScope(): Scope {
  const search = useUrlSearch();
  const range = search.range ?? DEFAULTS.range;
  const session = useSession();
  const timezone = search.zone ?? session.timezone;
  return useMemo(() => {
    const filters = costFilters(search);
    return {
      timezone,
      from: rangeStart(range, timezone, Date.now()),
      ...(search.tenant === undefined ? {} : { tenant: search.tenant }),
      ...(filters === undefined ? {} : { filters }),
    };
  }, [search, range, timezone]);
}

/** Whether rows may belong to several tenants, so that each has to say whose it is. */
export function useMixedTenants(): boolean {
  const { tenant } = useUrlSearch();
  const { tenants } = useSession();
  return tenant === undefined && tenants.length > 1;
}
