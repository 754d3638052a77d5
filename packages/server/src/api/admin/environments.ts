/**
 * `/api/admin/environments`: where a tenant's software runs. The first event that names an environment creates it; so
 * does `POST`.
 */
import {
  createEnvironmentInput,
  type EnvironmentAnswer,
  environmentAnswer,
  environmentsAnswer,
} from '@farthing/contract';
import { z } from 'zod';
import { readableTenant, writableTenant } from '../../http/callers/access.ts';
import { actorOf } from '../../tenants/identity.ts';
import { createProjectStore, type ProjectEnvironment } from '../../tenants/project-store.ts';
import { endpoint } from '../endpoint.ts';

const body = ({ tenantId, id, createdAt }: ProjectEnvironment): EnvironmentAnswer => ({
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
  answer: environmentsAnswer,
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
  body: createEnvironmentInput,
  status: 201,
  answer: environmentAnswer,
  errors: ['conflict', 'unknown_tenant'],
  examples: [{ name: 'one', body: { id: 'rehearsal', tenant: 'acme' } }],
  async handle({ context, identity, body: { id, tenant } }) {
    const environment = { tenantId: writableTenant(identity, tenant), id };
    return body(await createProjectStore(context.db).createEnvironment(environment, actorOf(identity)));
  },
});
