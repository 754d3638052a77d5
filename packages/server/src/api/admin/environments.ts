/** `/api/admin/environments`: where a tenant's software runs. An event that names a new one makes it; so does `POST`. */
import { name } from '@farthing/contract';
import { z } from 'zod';
import { readableTenant, writableTenant } from '../../http/callers/access.ts';
import { createProjectStore, type ProjectEnvironment } from '../../tenants/project-store.ts';
import { endpoint } from '../endpoint.ts';
import { instant } from '../schemas.ts';
import { actorOf } from './bodies.ts';

const environmentAnswer = z
  .object({ tenant: z.string(), id: z.string(), created_at: instant })
  .meta({ id: 'Environment', description: 'Where software runs: production, staging.' });

const body = ({ tenantId, id, createdAt }: ProjectEnvironment) => ({
  tenant: tenantId,
  id,
  created_at: createdAt.toISOString(),
});

/** `GET`. */
export const listEnvironments = endpoint({
  access: 'usage:read',
  summary: 'Environments, also those that only events have named.',
  tags: ['access'],
  query: z.strictObject({ tenant: z.string().max(63).optional() }),
  answer: z.object({ environments: z.array(environmentAnswer) }),
  examples: [{ name: 'of one tenant', query: { tenant: 'acme' } }],
  async handle({ context, identity, query }) {
    const store = createProjectStore(context.db);
    const found = await store.listEnvironments(readableTenant(identity, query.tenant));
    return { environments: found.map(body) };
  },
});

/** `POST`. */
export const createEnvironment = endpoint({
  access: 'tenant:manage',
  summary: 'Makes an environment before its first event.',
  tags: ['access'],
  body: z.strictObject({ id: name, tenant: name.optional() }),
  status: 201,
  answer: environmentAnswer,
  errors: ['conflict', 'unknown_tenant'],
  examples: [{ name: 'one', body: { id: 'rehearsal', tenant: 'acme' } }],
  async handle({ context, identity, body: { id, tenant } }) {
    const environment = { tenantId: writableTenant(identity, tenant), id };
    return body(await createProjectStore(context.db).createEnvironment(environment, actorOf(identity)));
  },
});
