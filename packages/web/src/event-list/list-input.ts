import type { Scope } from '../address/scope.ts';
import { FILTERS, type Search } from '../address/search.ts';

/** The event list's question for what the URL says. */
export function listInput(scope: Scope, search: Search) {
  const filter: { [name: string]: string | boolean } = {};
  for (const name of FILTERS) {
    const value = search[name];
    if (value !== undefined) filter[name] = value;
  }
  if (search.unpriced) filter['unpriced'] = true;
  const { filters: _, ...rest } = scope;
  return { ...rest, ...(Object.keys(filter).length === 0 ? {} : { filter }) };
}
