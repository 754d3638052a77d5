/** The examinations of `doctor`. Each returns findings and never throws. */
import { readFile } from 'node:fs/promises';
import {
  auditFaultText,
  type Config,
  ConfigError,
  createDatabase,
  type Database,
  listReportingLogins,
  loadConfig,
  openReportingRights,
  proveAuditChain,
  readEnv,
  readMigrations,
} from '@farthing/server';
import { findServer } from '../../access/server-file.ts';
import { openStore, quietLog, type Store } from '../../access/store-access.ts';
import { typed } from '../../console/typed.ts';
import type { Finding } from './finding.ts';
import { bookFindings, overrideFindings, refreshFinding } from './price-findings.ts';
import { psqlLine, reportingPsqlLine } from './psql-line.ts';
import { spoolFindings } from './spool.ts';

export interface Report {
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

/** Looks at everything; a database that is not running is started for the duration. */
export async function examine(options: { readonly showSecret: boolean }): Promise<Report> {
  const now = new Date();
  const findings: Finding[] = [await farthingVersion(), nodeVersion(), ...(await bookFindings(now))];
  const config = readConfig(findings);
  if (config !== null) {
    findings.push(...overrideFindings(config, now));
    findings.push(await runningServer(config), info('data folder', config.dataDir));
    findings.push(
      ...(await databaseFindings(config, options.showSecret)),
      ...(await spoolFindings(config.dataDir)),
    );
  }
  return { ok: findings.every(({ state }) => state !== 'bad'), findings };
}

const good = (name: string, text: string): Finding => ({ name, state: 'good', text });
const bad = (name: string, text: string): Finding => ({ name, state: 'bad', text });
const info = (name: string, text: string): Finding => ({ name, state: 'info', text });

async function farthingVersion(): Promise<Finding> {
  const text = await readFile(new URL('../../../package.json', import.meta.url), 'utf8');
  return info('farthing', (JSON.parse(text) as { version: string }).version);
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const enough = major > 22 || (major === 22 && minor >= 19);
  const text = `${process.version} (${process.platform} ${process.arch})`;
  return enough ? good('node', text) : bad('node', `${text}: the server needs 22.19 or newer`);
}

function readConfig(findings: Finding[]): Config | null {
  try {
    return loadConfig(readEnv());
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    findings.push(...error.problems.map((problem) => bad('configuration', problem)));
    return null;
  }
}

async function runningServer(config: Config): Promise<Finding> {
  const server = await findServer(config.dataDir);
  if (server === null) return info('server', 'not running here');
  const answer = await fetch(new URL('/readyz', server.url), { signal: AbortSignal.timeout(5_000) }).catch(
    () => null,
  );
  await answer?.body?.cancel();
  const where = `${server.url}, process ${server.pid}`;
  return answer?.ok
    ? good('server', `ready at ${where}`)
    : bad('server', `running but not ready at ${where}`);
}

async function databaseFindings(config: Config, showSecret: boolean): Promise<Finding[]> {
  let store: Store;
  try {
    store = await openStore(config);
  } catch (error) {
    return [bad('database', messageOf(error))];
  }
  const database = createDatabase({ connectionString: store.connectionString, log: quietLog, max: 2 });
  try {
    return [
      ...(await versions(database, config)),
      info('owner', psqlLine(store.connectionString, showSecret)),
      ...(await reporting(database, store.connectionString)),
      ...(await refreshFinding(database)),
      ...(await contents(database)),
      ...(await auditFinding(database)),
    ];
  } catch (error) {
    return [bad('database', messageOf(error))];
  } finally {
    await database.close();
    await store.close();
  }
}

async function versions(database: Database, config: Config): Promise<Finding[]> {
  const { version, schema } = await database.asOwner(async (tx) => {
    const server = await tx.query<{ server_version: string }>('show server_version');
    const found = await tx.query<{ found: boolean }>(
      "select to_regclass('schema_migrations') is not null as found",
    );
    const applied = found.rows[0]?.found
      ? await tx.query<{ version: number }>(
          'select coalesce(max(version), 0)::int as version from schema_migrations',
        )
      : { rows: [] };
    return { version: server.rows[0]?.server_version ?? '', schema: applied.rows[0]?.version ?? 0 };
  });
  const kind = config.database.url === null ? 'embedded' : 'DATABASE_URL';
  const postgres = Number.parseInt(version, 10) >= 15;
  const latest = (await readMigrations()).at(-1)?.version ?? 0;
  return [
    postgres
      ? good('postgres', `${version} (${kind})`)
      : bad('postgres', `${version} (${kind}): 15 or newer is needed`),
    schema === latest
      ? good('schema', `version ${schema}`)
      : bad('schema', `version ${schema}, this release has ${latest}: run \`${typed('migrate')}\``),
  ];
}

/** How to ask the ledger in SQL: row-level security shows its owner nothing, a reporting login its tenants. */
async function reporting(database: Database, connectionString: string): Promise<Finding[]> {
  const ready = await database.asOwner((tx) =>
    tx.query<{ found: boolean }>("select to_regclass('reporting_logins') is not null as found"),
  );
  if (ready.rows[0]?.found !== true) return [];
  const logins = await listReportingLogins(database);
  if (logins.length === 0)
    return [
      info('psql', `make a login that reads the reporting views: \`${typed('reporting create <login>')}\``),
    ];
  const open = await openReportingRights(database);
  return [
    ...logins.map(({ login, tenantId }) =>
      info('psql', `${reportingPsqlLine(connectionString, login)}  (${tenantId ?? 'every tenant'})`),
    ),
    ...open.map(({ what, sql }) =>
      info('reporting', `a reporting login can ${what}. As superuser in this database: ${sql.join(' ')}`),
    ),
  ];
}

/** How full the ledger is, and what needs a person's attention. */
async function contents(database: Database): Promise<Finding[]> {
  const [row] = await database.asOperator(async (tx) => {
    const found = await tx.query<{ found: boolean }>("select to_regclass('event_ids') is not null as found");
    if (found.rows[0]?.found !== true) return [];
    const { rows } = await tx.query<{ events: string; quarantined: string; unpriced: string }>(
      `select (select count(*) from event_ids) as events,
              (select count(*) from quarantined_events) as quarantined,
              (select count(*) from usage_events where total_cost is null) as unpriced`,
    );
    return rows;
  });
  if (row === undefined) return [];
  return [
    info('events', row.events),
    info('unpriced', row.unpriced),
    row.quarantined === '0'
      ? good('quarantine', 'empty')
      : bad('quarantine', `${row.quarantined} events: see the table quarantined_events for their reasons`),
  ];
}

/** Whether the audit log is unchanged, and the end of its chain, to be noted elsewhere. */
async function auditFinding(database: Database): Promise<Finding[]> {
  const state = await database.asOperator(async (tx) => {
    const found = await tx.query<{ found: boolean }>("select to_regclass('audit_head') is not null as found");
    return found.rows[0]?.found === true ? proveAuditChain(tx) : null;
  });
  if (state === null) return [];
  return [
    state.faults.length > 0
      ? bad('audit log', auditFaultText(state.faults))
      : good('audit log', `${state.entries} entries as they were written, chain ends with ${state.head}`),
  ];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
