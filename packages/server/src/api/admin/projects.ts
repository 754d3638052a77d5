/** `/api/admin/projects`: the projects of a tenant. An event that names a new one makes it; so does `POST`. */
import { name } from '@farthing/contract';
import { z } from 'zod';
import { readableTenant, writableTenant } from '../../http/callers/access.ts';
import { createProjectStore, type Project } from '../../tenants/project-store.ts';
import { endpoint } from '../endpoint.ts';
import { instant } from '../schemas.ts';
import { actorOf } from './bodies.ts';

const projectAnswer = z
  .object({ tenant: z.string(), id: z.string(), name: z.string(), created_at: instant })
  .meta({ id: 'Project', description: 'A subdivision of a tenant.' });

const body = ({ tenantId, id, name: called, createdAt }: Project) => ({
  tenant: tenantId,
  id,
  name: called,
  created_at: createdAt.toISOString(),
});

/** `GET`. */
export const listProjects = endpoint({
  access: 'usage:read',
  summary: 'Projects, also those that only events have named.',
  tags: ['access'],
  query: z.strictObject({ tenant: z.string().max(63).optional() }),
  answer: z.object({ projects: z.array(projectAnswer) }),
  examples: [{ name: 'of one tenant', query: { tenant: 'acme' } }],
  async handle({ context, identity, query }) {
    const projects = createProjectStore(context.db);
    return { projects: (await projects.listProjects(readableTenant(identity, query.tenant))).map(body) };
  },
});

/** `POST`. */
export const createProject = endpoint({
  access: 'tenant:manage',
  summary: 'Makes a project before its first event.',
  tags: ['access'],
  body: z.strictObject({ id: name, name: name.optional(), tenant: name.optional() }),
  status: 201,
  answer: projectAnswer,
  errors: ['conflict', 'unknown_tenant'],
  examples: [{ name: 'one', body: { id: 'returns', name: 'Returns desk', tenant: 'acme' } }],
  async handle({ context, identity, body: { id, name: called, tenant } }) {
    const tenantId = writableTenant(identity, tenant);
    const project = { tenantId, id, name: called };
    return body(await createProjectStore(context.db).createProject(project, actorOf(identity)));
  },
});
