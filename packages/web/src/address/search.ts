/** The state that lives in the address: what a copied link reproduces. */
import { type FilterName, type Filters, filterNames } from './filters.ts';
import { isRangeName, type RangeName } from './time-ranges.ts';

/** What a chart or table can be split by. */
export const SPLITS = ['model', 'provider', 'agent', 'project', 'operation'] as const satisfies FilterName[];
export type Split = (typeof SPLITS)[number];

export interface Search extends Filters {
  /** Absent = {@link DEFAULTS}: a plain address stays plain. */
  readonly range?: RangeName;
  readonly by?: Split;
  /** IANA zone; absent = the tenant's reporting zone. */
  readonly zone?: string;
  /** Chosen tenant, for identities that see several; absent = all of them. */
  readonly tenant?: string;
  readonly unpriced?: true;
}

/** A change of it; what is undefined goes back to its default. */
export type SearchChange = { [K in keyof Search]?: Search[K] | undefined };

export const DEFAULTS = { range: '30d', by: 'model' } as const satisfies Search;

/** Most characters of a value, as in the API. */
const LONGEST = 256;

/** Reads the query of an address; what it does not know or cannot use is left out. */
export function readSearch(raw: { readonly [key: string]: unknown }): Search {
  const text = (key: string): string | undefined => {
    // The router reads `?agent=123` as a number.
    const value = typeof raw[key] === 'number' ? String(raw[key]) : raw[key];
    return typeof value === 'string' && value.length <= LONGEST ? value : undefined;
  };
  const range = text('range');
  const by = text('by');
  const zone = text('zone');
  const tenant = text('tenant');
  // "" asks for events without a value.
  const filters = filterNames(Object.keys(raw)).map((name) => [name, text(name)] as const);
  return {
    ...(range !== undefined && isRangeName(range) ? { range } : {}),
    ...(by !== undefined && isSplit(by) ? { by } : {}),
    ...(zone !== undefined && isTimeZone(zone) ? { zone } : {}),
    ...(raw['unpriced'] === true || raw['unpriced'] === 'true' ? { unpriced: true as const } : {}),
    ...(tenant ? { tenant } : {}),
    ...Object.fromEntries(filters.filter(([, value]) => value !== undefined)),
  };
}

/** The state after a change. */
export function changeSearch(search: Search, change: SearchChange): Search {
  const changed = Object.entries({ ...search, ...change }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(changed) as Search;
}

const isSplit = (name: string): name is Split => (SPLITS as readonly string[]).includes(name);

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
