import { eventFilter } from '../address/filters.ts';
import type { Scope } from '../address/scope.ts';
import type { Search } from '../address/search.ts';

/** The query of the event list for the current address. */
export function listInput({ filters: _, ...range }: Scope, search: Search) {
  const filter = { ...eventFilter(search), ...(search.unpriced ? { unpriced: true } : {}) };
  return { ...range, ...(Object.keys(filter).length === 0 ? {} : { filter }) };
}
