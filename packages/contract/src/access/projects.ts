/** `/api/admin/projects` and `/api/admin/environments`: what is sent and what comes back. */
import { z } from 'zod';
import { name } from '../events/usage-event.ts';
import { type AnswerOf, instantText } from '../values.ts';

export const createProjectInput = z.strictObject({
  id: name,
  name: name.optional(),
  tenant: name.optional(),
});

export const projectAnswer = z
  .object({ tenant: z.string(), id: z.string(), name: z.string(), created_at: instantText })
  .meta({ id: 'Project', description: 'A subdivision of a tenant.' });
export type ProjectAnswer = AnswerOf<typeof projectAnswer>;

export const projectsAnswer = z.object({ projects: z.array(projectAnswer) });

export const createEnvironmentInput = z.strictObject({ id: name, tenant: name.optional() });

export const environmentAnswer = z
  .object({ tenant: z.string(), id: z.string(), created_at: instantText })
  .meta({ id: 'Environment', description: 'Where software runs: production, staging.' });
export type EnvironmentAnswer = AnswerOf<typeof environmentAnswer>;

export const environmentsAnswer = z.object({ environments: z.array(environmentAnswer) });
