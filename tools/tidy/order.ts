/**
 * The order of imports as data: which workspace may import which, and which parts of its own workspace a part may import.
 * `check-imports.ts` enforces it, docs/ARCHITECTURE.md explains it. A new folder or root file is a violation until it has
 * a row here: its place is a decision.
 */

/** How much of a module an import may use: `types` = `import type` only. */
export type Extent = 'all' | 'types';

export interface WorkspaceRule {
  /** Specifiers of other workspaces that may be imported; a bare package name does not include its sub-paths. */
  readonly workspaces: { readonly [specifier: string]: Extent };
  /** npm packages; `declared` = whatever the workspace's own package.json lists. */
  readonly npm: readonly string[] | 'declared';
  /** May it import Node's own modules? */
  readonly node: boolean;
}

/** Which workspace may import which. */
export const WORKSPACES: { readonly [folder: string]: WorkspaceRule } = {
  pricing: { workspaces: {}, npm: ['eventsource-parser'], node: false },
  // For pricing's list of operations and tiers, which is the only one.
  contract: { workspaces: { '@farthing/pricing': 'all' }, npm: ['zod'], node: false },
  sdk: {
    workspaces: {
      '@farthing/contract': 'types',
      '@farthing/pricing': 'types',
      '@farthing/pricing/extract': 'all',
    },
    npm: 'declared',
    node: true,
  },
  server: {
    workspaces: {
      '@farthing/contract': 'all',
      '@farthing/contract/pages': 'all',
      '@farthing/pricing': 'all',
      '@farthing/pricing/extract': 'all',
      '@farthing/pricing/book': 'all',
    },
    npm: 'declared',
    node: true,
  },
  web: {
    workspaces: {
      // More than types would bring zod into the first view.
      '@farthing/contract': 'types',
      '@farthing/contract/pages': 'all',
      '@farthing/pricing': 'all',
      '@farthing/server/trpc': 'types',
    },
    npm: 'declared',
    node: false,
  },
  cli: {
    workspaces: {
      '@farthing/sdk': 'all',
      '@farthing/contract': 'all',
      '@farthing/pricing': 'all',
      '@farthing/pricing/extract': 'all',
      '@farthing/pricing/book': 'all',
      '@farthing/server': 'all',
    },
    npm: 'declared',
    node: true,
  },
};

const BASE = ['db', 'jobs', 'clock'] as const;
const THROUGH_TENANTS = [...BASE, 'tenants'] as const;
const THROUGH_PRICE_BOOK = [...THROUGH_TENANTS, 'price-book'] as const;
const THROUGH_ROLLUPS = [...THROUGH_PRICE_BOOK, 'ledger', 'budgets', 'rollups'] as const;
const READERS = [...THROUGH_ROLLUPS, 'parameters', 'costs'] as const;
const CAPABILITIES = [
  ...THROUGH_ROLLUPS,
  'record',
  'tokens',
  'rerating',
  'retention',
  'ingest',
  'gateway',
  'parameters',
  'estimates',
  'costs',
  'event-list',
  'insights',
  'overview',
  'agent-spend',
  'reports',
  'alerts',
  'exports',
] as const;

/** What a part of a workspace may import of its own workspace. */
export interface PartRule {
  /** Folders (or root files, named with their ending) that may be imported. */
  readonly may: readonly string[];
  /** Of these only types. */
  readonly types?: readonly string[];
}

/** Inside the server a part imports only from its left. Keys: folders of `packages/server/src` and its root files. */
export const SERVER_PARTS: { readonly [part: string]: PartRule } = {
  db: { may: [] },
  jobs: { may: ['db'] },
  // Zones, days, buckets and periods; a correction comes in a transaction that is handed in.
  clock: { may: [], types: ['db'] },
  tenants: { may: BASE },
  'price-book': { may: THROUGH_TENANTS },
  // ledger and budgets know each other's types, never each other's operations: record/ calls both.
  ledger: { may: THROUGH_PRICE_BOOK },
  budgets: { may: THROUGH_PRICE_BOOK, types: ['ledger'] },
  // The tables of measures and dimensions are values of ledger/: what is summed is written once.
  rollups: { may: [...THROUGH_PRICE_BOOK, 'ledger'], types: ['budgets'] },
  record: { may: THROUGH_ROLLUPS },
  // A leaf: texts in, counts out.
  tokens: { may: [] },
  // Rates stored events again with the write path's own functions, in its order of locks.
  rerating: { may: [...THROUGH_ROLLUPS, 'record'] },
  // Deletes events past their retention and erases people, in the write path's order of locks.
  retention: { may: [...THROUGH_ROLLUPS, 'record'] },
  ingest: { may: [...THROUGH_ROLLUPS, 'record', 'tokens'] },
  gateway: { may: [...THROUGH_ROLLUPS, 'record', 'tokens', 'http'] },
  // Reads what callers ask by, and refuses what does not fit.
  parameters: { may: ['clock'] },
  // Prices of calls that are not made.
  estimates: { may: [...THROUGH_PRICE_BOOK, 'parameters'] },
  // Readers: everything left of the write path, never the write path itself. Figures come from `costs` alone.
  costs: { may: [...THROUGH_ROLLUPS, 'parameters'] },
  'event-list': { may: READERS },
  insights: { may: READERS },
  overview: { may: [...READERS, 'insights'] },
  'agent-spend': { may: READERS },
  reports: { may: READERS },
  alerts: { may: [...READERS, 'agent-spend'] },
  exports: { may: [...READERS, 'event-list'] },
  http: { may: THROUGH_TENANTS },
  api: { may: [...CAPABILITIES, 'http'], types: ['context.ts'] },
  trpc: { may: [...CAPABILITIES, 'http'], types: ['context.ts'] },
  // Its list of providers names settings: of it only that list is imported.
  'settings-table.ts': { may: ['gateway'] },
  'env.ts': { may: ['settings-table.ts'] },
  'config.ts': { may: ['settings-table.ts', 'gateway'], types: [...CAPABILITIES, 'http', 'env.ts'] },
  // The structured log and its redaction; capabilities take a log as an argument instead.
  'log.ts': { may: [], types: ['db', 'ledger', 'record'] },
  // What the process itself does: stalls and memory.
  'vitals.ts': { may: [] },
  // The only place where the server is put together: every part is opened here, and closed in reverse.
  composition: {
    may: [...CAPABILITIES, 'http', 'api', 'trpc', 'log.ts', 'vitals.ts'],
    types: ['config.ts', 'context.ts'],
  },
  'context.ts': { may: [], types: [...CAPABILITIES, 'http', 'config.ts', 'log.ts', 'vitals.ts'] },
  'main.ts': { may: ['composition', 'db', 'http', 'log.ts'], types: ['config.ts', 'context.ts', 'record'] },
  // The package's public surface, for the CLI.
  'index.ts': {
    may: [
      ...CAPABILITIES,
      'http',
      'api',
      'trpc',
      'composition',
      'config.ts',
      'settings-table.ts',
      'env.ts',
      'main.ts',
    ],
  },
};

/** What a price is made of; what an answer is read with. */
const PRICES = ['text', 'money', 'usage', 'book'] as const;
const READS_ANSWERS = [...PRICES, 'json', 'forms', 'framing'] as const;

/** The order of the rooms of `packages/pricing/src`. Keys: its folders and root files. */
export const PRICING_ROOMS: { readonly [part: string]: PartRule } = {
  // Text functions that JavaScript does not have in linear time.
  text: { may: [] },
  money: { may: ['text'] },
  usage: { may: ['text', 'money'] },
  book: { may: ['text', 'money', 'usage'] },
  // Quantities and prices in, charge lines out. It knows no provider and no bytes.
  rating: { may: PRICES },
  json: { may: ['text', 'usage'] },
  // A folder per provider, with everything that is known of it.
  forms: { may: [...PRICES, 'json'] },
  framing: { may: ['text', 'usage', 'json'], types: ['forms'] },
  extract: { may: READS_ANSWERS },
  // A recorded response, priced: the only room that both reads and rates.
  lines: { may: [...READS_ANSWERS, 'rating', 'extract'] },
  // The compiled book; a machine writes what stands beside its entry.
  generated: { may: ['book'] },
  // The package's entries.
  'index.ts': { may: [...PRICES, 'rating'] },
  'extract.ts': { may: [...READS_ANSWERS, 'extract', 'lines'] },
};

/** What every room of the web may use: the question to the server, the look, how a figure reads. */
const WEB_GROUND = ['api.ts', 'theme.ts', 'format', 'elements'] as const;
const WEB_PARTS = [...WEB_GROUND, 'session', 'address', 'live', 'figures', 'panel', 'charts'] as const;
/** What a page is made of. No page imports another: what two share is a room to their left. */
const WEB_PAGE = [...WEB_PARTS, 'event', 'event-list'] as const;

/** The order of the rooms of `packages/web/src`, as the server has one. Keys: its folders and root files. */
export const WEB_ROOMS: { readonly [part: string]: PartRule } = {
  'api.ts': { may: [] },
  'theme.ts': { may: [] },
  'csp.ts': { may: [] },
  format: { may: [] },
  // Small things every page is made of; they know no data of ours.
  elements: { may: [] },
  // Who is signed in, and the pages for users without a session.
  session: { may: WEB_GROUND },
  // The state in the address: ranges, filters, zone, tenant.
  address: { may: ['session'], types: ['api.ts'] },
  live: { may: ['address'] },
  figures: { may: ['format', 'elements'] },
  panel: { may: ['api.ts', 'elements'] },
  charts: { may: ['theme.ts', 'format', 'elements'], types: ['api.ts'] },
  // The frame around every page; it knows no page.
  frame: { may: WEB_PARTS },
  // One request, opened; rows of requests.
  event: { may: WEB_PARTS },
  'event-list': { may: [...WEB_PARTS, 'event'] },
  overview: { may: WEB_PAGE },
  requests: { may: WEB_PAGE },
  // Pages by their id; routes made of them.
  'page-views.ts': { may: ['overview', 'requests'] },
  'router.tsx': { may: ['address', 'event', 'frame', 'page-views.ts'] },
  'main.tsx': { may: ['base.css', 'api.ts', 'csp.ts', 'theme.ts', 'router.tsx'] },
};

/** Folders outside the product that may read some of it; all others may not. */
export const OUTSIDE: { readonly [folder: string]: readonly string[] } = {
  // Compiles the price book with the same money, meters and card types that rate with it.
  'tools/prices/': ['packages/pricing/src/', 'packages/server/src/price-book/'],
  // Writes the API's document down.
  'tools/openapi.ts': ['packages/server/src/api/'],
};
