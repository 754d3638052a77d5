/**
 * The house rules as data: which part may import which, and what may not stand in a source file.
 * `checks.ts` enforces them, docs/ARCHITECTURE.md explains them. A new folder or root file is a violation until it has
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
  // One list of operations and tiers: that of pricing.
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
      // The whole of it would bring zod into the first view.
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
  // ledger and budgets know each other's nouns, never each other's operations: record/ conducts them.
  ledger: { may: THROUGH_PRICE_BOOK },
  budgets: { may: THROUGH_PRICE_BOOK, types: ['ledger'] },
  // The tables of measures and dimensions are values of ledger/: what is summed is written once.
  rollups: { may: [...THROUGH_PRICE_BOOK, 'ledger'], types: ['budgets'] },
  record: { may: THROUGH_ROLLUPS },
  // A leaf: texts in, counts out.
  tokens: { may: [] },
  // Rates history again with the write path's own pieces, in its order of locks.
  rerating: { may: [...THROUGH_ROLLUPS, 'record'] },
  // Lets go of what is past its time and of what a person wants erased, in the write path's order of locks.
  retention: { may: [...THROUGH_ROLLUPS, 'record'] },
  ingest: { may: [...THROUGH_ROLLUPS, 'record', 'tokens'] },
  gateway: { may: [...THROUGH_ROLLUPS, 'record', 'tokens', 'http'] },
  // What callers ask by, and how it is refused.
  parameters: { may: ['clock'] },
  // Prices of calls that nobody made.
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
  'env.ts': { may: ['gateway'] },
  'config.ts': { may: ['env.ts', 'gateway'], types: [...CAPABILITIES, 'http'] },
  // The structured log and its redaction; capabilities take a log as an argument instead.
  'log.ts': { may: [], types: ['db', 'ledger', 'record'] },
  // What the process itself does: stalls and memory.
  'vitals.ts': { may: [] },
  // The only place where the server is put together: every part is opened here, and closed in reverse.
  composition: {
    may: [...CAPABILITIES, 'http', 'api', 'trpc', 'log.ts', 'vitals.ts'],
    types: ['config.ts', 'context.ts'],
  },
  'context.ts': { may: [], types: ['composition'] },
  'main.ts': { may: ['composition', 'db', 'http', 'log.ts'], types: ['config.ts', 'context.ts', 'record'] },
  // The package's public surface, for the CLI.
  'index.ts': {
    may: [...CAPABILITIES, 'http', 'api', 'trpc', 'composition', 'config.ts', 'env.ts', 'main.ts'],
  },
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
  // Who is signed in, and the pages of who is not.
  session: { may: WEB_GROUND },
  // What the address says: ranges, filters, zone, tenant.
  address: { may: ['session'], types: ['api.ts'] },
  live: { may: ['address'] },
  figures: { may: ['format', 'elements'] },
  panel: { may: ['api.ts', 'elements'] },
  charts: { may: ['theme.ts', 'format', 'elements'], types: ['api.ts'] },
  // What stands around every page; it knows none.
  frame: { may: WEB_PARTS },
  // One request, opened; rows of requests.
  event: { may: WEB_PARTS },
  'event-list': { may: [...WEB_PARTS, 'event'] },
  overview: { may: WEB_PAGE },
  requests: { may: WEB_PAGE },
  // Pages by their id; routes made of them.
  'pages.ts': { may: ['overview', 'requests'] },
  'router.tsx': { may: ['address', 'event', 'frame', 'pages.ts'] },
  'main.tsx': { may: ['base.css', 'api.ts', 'csp.ts', 'theme.ts', 'router.tsx'] },
};

/** Tables that figures are read from. */
export const FIGURE_TABLES = ['usage_events', 'rollups_15m', 'rollups_day'] as const;

/**
 * Where in the server these tables may be named: where they are written, kept and proved, and in the store that reads
 * figures from them. Everybody else asks that store, so that another engine is another folder.
 */
export const NAMES_FIGURE_TABLES: { readonly [path: string]: string } = {
  'costs/postgres/': 'the store of figures',
  'db/': 'partitions and backups',
  'ledger/': 'writes events, and opens a single one',
  'rollups/': 'writes sums, and proves them against events',
  'budgets/reset-store.ts': 'part of a transaction that writes',
  'rerating/': 'rates stored events again',
  'retention/': 'lets go of events, and erases people',
  'api/admin/invariants.ts': 'tells in which table a broken row stands',
};

/** Tables of sums. */
export const SUM_TABLES = ['rollups_15m', 'rollups_day'] as const;

/**
 * Who changes a sum. Everybody else hands what changed to `record/apply-sums.ts`, so that no sum is forgotten: a further
 * one (budgets) is fed there.
 */
export const SUM_WRITERS: { readonly [path: string]: string } = {
  'rollups/store.ts': 'adds to rows of sums',
  'rollups/comparison-sql.ts': 'adds what a row differs from its events by',
  'retention/erase-rest.ts': "deletes rows by a person's name: of zeros, and below the watermark",
};

/** Modules whose functions change sums, and who may call them (types are free). */
export const SUM_CALLERS: { readonly [path: string]: readonly string[] } = {
  'rollups/store.ts': ['record/apply-sums.ts'],
  'rollups/aggregate.ts': ['record/apply-sums.ts'],
  'budgets/reset-store.ts': ['record/apply-sums.ts'],
};

/** Folders outside the product that may read some of it; all others may not. */
export const OUTSIDE: { readonly [folder: string]: readonly string[] } = {
  // Compiles the price book with the same money, meters and card types that rate with it.
  'tools/prices/': ['packages/pricing/src/', 'packages/server/src/price-book/'],
  // Writes the API's document down.
  'tools/openapi.ts': ['packages/server/src/api/'],
};

/** Names that have no reason to refuse anything. */
export const FORBIDDEN_NAMES = [
  'utils',
  'util',
  'shared',
  'common',
  'helpers',
  'helper',
  'manager',
  'managers',
];

/** Markers of unfinished work; written apart so that this file does not hold them itself. */
export const LEFTOVER_MARKERS = ['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'];

/** The only readers of the environment among the sources of the product. */
export const ENVIRONMENT_READERS: { readonly [path: string]: string } = {
  'packages/server/src/env.ts': 'the server reads its environment once, here',
  'packages/cli/src/env.ts': 'the command line reads its environment once, here',
  'packages/sdk/src/env.ts': 'the client reads its environment once, here',
  'packages/web/vite.config.ts': 'tells the development server where the API is',
  'tools/setup.mjs': 'runs before anything is installed and prepares the environment of what it starts',
  'tools/setup/npm.mjs': 'the same: hands npm the environment it needs',
  'tools/setup/build-web.mjs': 'the same: hands the build of the dashboard the environment it needs',
};

/** Most lines of a source file. */
export const MAX_LINES = 300;

/** Most lines of a file that only tests or measures: its data are long. */
export const MAX_TEST_LINES = 400;

/** Most lines of a function: it fits a screen. */
export const MAX_FUNCTION_LINES = 80;

/** Most source files directly in one folder, tests not counted. */
export const MAX_FILES = 20;

/** A room with more source files than this has a README: what always holds, and which file does what. */
export const README_ABOVE = 10;

/**
 * What a file with SQL in it is called: the store of a noun, rows of one and their reading, text that others put
 * together, or what it does to which rows.
 */
export const SQL_FILE =
  /^(?:(?:[a-z-]+-)?(?:store|rows|sql)|(?:read|write|find|delete|drop|erase)-[a-z-]+)\.ts$/;

/** Rooms that are SQL through and through; inside them names say what is done. */
export const SQL_FOLDERS = ['db/', 'costs/postgres/'];

/** Folders that are made by a machine or by npm; nothing in them is read. */
export const IGNORED_FOLDERS = [
  'node_modules',
  'dist',
  'coverage',
  '.git',
  '.cache',
  '.farthing',
  'generated',
];

/** Paths of someone's machine, which have no place in a file that others read. */
export const MACHINE_PATH =
  /(?<![\w.$}/-])(?:\/(?:home|Users|work|workspace|root|mnt)\/(?!node\b)[\w.-]+|[A-Za-z]:\\Users\\\w+)/;
