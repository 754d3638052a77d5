/** Projects and environments of a tenant. An event that names a new one registers it; here they can be made before. */
import { AppError } from '@farthing/contract';
import type { Database } from '../db/database.ts';
import { audit } from './audit/write-audit.ts';

export interface Project {
  readonly tenantId: string;
  readonly id: string;
  /** For people; the id where none was given. */
  readonly name: string;
  readonly createdAt: Date;
}

export interface ProjectEnvironment {
  readonly tenantId: string;
  readonly id: string;
  readonly createdAt: Date;
}

export interface ProjectStore {
  /** Of one tenant, or of all for null; by tenant and id. */
  listProjects(tenantId: string | null): Promise<readonly Project[]>;
  /** Refuses an existing one (`conflict`) and an unknown tenant (`unknown_tenant`). */
  createProject(
    project: { readonly tenantId: string; readonly id: string; readonly name?: string | undefined },
    actor: string,
  ): Promise<Project>;
  listEnvironments(tenantId: string | null): Promise<readonly ProjectEnvironment[]>;
  createEnvironment(
    environment: { readonly tenantId: string; readonly id: string },
    actor: string,
  ): Promise<ProjectEnvironment>;
}

/** The store on Postgres. */
export function createProjectStore(db: Database): ProjectStore {
  return {
    async listProjects(tenantId) {
      const rows = await read<ProjectRow>(db, 'projects', 'tenant_id, id, name, created_at', tenantId);
      return rows.map(toProject);
    },
    createProject: ({ tenantId, id, name = null }, actor) =>
      create<ProjectRow>(db, {
        sql: `insert into projects (tenant_id, id, name) values ($1, $2, $3) on conflict do nothing
              returning tenant_id, id, name, created_at`,
        values: [tenantId, id, name],
        noun: 'project',
        actor,
      }).then(toProject),
    async listEnvironments(tenantId) {
      const rows = await read<EnvironmentRow>(db, 'environments', 'tenant_id, id, created_at', tenantId);
      return rows.map(toEnvironment);
    },
    createEnvironment: ({ tenantId, id }, actor) =>
      create<EnvironmentRow>(db, {
        sql: `insert into environments (tenant_id, id) values ($1, $2) on conflict do nothing
              returning tenant_id, id, created_at`,
        values: [tenantId, id],
        noun: 'environment',
        actor,
      }).then(toEnvironment),
  };
}

/** Most rows of one answer: names come from events, so their number is whatever the callers made it. */
const MOST = 10_000;

async function read<Row extends object>(
  db: Database,
  table: 'projects' | 'environments',
  columns: string,
  tenantId: string | null,
): Promise<readonly Row[]> {
  const sql = `select ${columns} from ${table} where $1::text is null or tenant_id = $1 order by tenant_id, id limit ${MOST}`;
  const { rows } = await db.asReader(tenantId, (tx) => tx.query<Row>(sql, [tenantId]));
  return rows;
}

interface Creation {
  readonly sql: string;
  readonly values: readonly [tenantId: string, id: string, ...rest: (string | null)[]];
  readonly noun: string;
  readonly actor: string;
}

function create<Row extends object>(db: Database, { sql, values, noun, actor }: Creation): Promise<Row> {
  const [tenantId, id] = values;
  return db.asOperator(async (tx) => {
    const known = await tx.query('select 1 from tenants where id = $1', [tenantId]);
    if (known.rowCount === 0) throw new AppError('unknown_tenant', `There is no tenant "${tenantId}".`);
    const { rows } = await tx.query<Row>(sql, values);
    const [row] = rows;
    if (row === undefined) throw new AppError('conflict', `There is already the ${noun} "${id}".`);
    await audit(tx, { actor, action: `${noun}.create`, tenantId, details: { id } });
    return row;
  });
}

interface ProjectRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly name: string | null;
  readonly created_at: Date;
}

interface EnvironmentRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly created_at: Date;
}

const toProject = (row: ProjectRow): Project => ({
  tenantId: row.tenant_id,
  id: row.id,
  name: row.name ?? row.id,
  createdAt: row.created_at,
});

const toEnvironment = (row: EnvironmentRow): ProjectEnvironment => ({
  tenantId: row.tenant_id,
  id: row.id,
  createdAt: row.created_at,
});
