/** The state that lives in the URL: what a copied link reproduces. */

/** Ranges by name; they move with the clock, so a bookmarked "7d" is always the last seven days. */
export const RANGES = {
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
  '90d': 'Last 90 days',
  mtd: 'Month to date',
} as const;
export type RangeName = keyof typeof RANGES;

/** What a chart or table can be split by. */
export const SPLITS = {
  model: 'model',
  provider: 'provider',
  agent: 'agent',
  project: 'project',
  operation: 'operation',
} as const;
export type Split = keyof typeof SPLITS;

export interface Search {
  /** Absent = {@link DEFAULTS}: a plain URL stays plain. */
  readonly range?: RangeName;
  readonly by?: Split;
  /** IANA zone; absent = the tenant's reporting zone. */
  readonly zone?: string;
  /** Chosen tenant, for identities that see several; absent = all of them. */
  readonly tenant?: string;
  /** Filters that drilling down adds. */
  readonly model?: string;
  readonly provider?: string;
  readonly agent?: string;
  readonly project?: string;
  readonly operation?: string;
  readonly unpriced?: true;
}

export const FILTERS = ['provider', 'model', 'agent', 'project', 'operation'] as const;
export type FilterName = (typeof FILTERS)[number];

export const DEFAULTS = { range: '30d', by: 'model' } as const satisfies Search;

/** Reads the query of a URL; what it does not know or cannot use is left out. */
export function readSearch(raw: { readonly [key: string]: unknown }): Search {
  const text = (key: string): string | undefined => {
    // The router reads `?agent=123` as a number.
    const value = typeof raw[key] === 'number' ? String(raw[key]) : raw[key];
    return typeof value === 'string' && value.length <= 256 ? value : undefined;
  };
  const range = text('range');
  const by = text('by');
  const zone = text('zone');
  const optional: Record<string, string> = {};
  const tenant = text('tenant');
  if (tenant) optional['tenant'] = tenant;
  for (const key of FILTERS) {
    const value = text(key); // "" asks for events without a value
    if (value !== undefined) optional[key] = value;
  }
  return {
    ...(range !== undefined && Object.hasOwn(RANGES, range) ? { range: range as RangeName } : {}),
    ...(by !== undefined && Object.hasOwn(SPLITS, by) ? { by: by as Split } : {}),
    ...(zone !== undefined && isTimeZone(zone) ? { zone } : {}),
    ...(raw['unpriced'] === true || raw['unpriced'] === 'true' ? { unpriced: true as const } : {}),
    ...optional,
  };
}

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
