/**
 * The house rules as data, all but the order of imports (`order.ts`): who may name which table, what things are called,
 * how long they are. The checks enforce them, CONTRIBUTING.md explains them.
 */

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
