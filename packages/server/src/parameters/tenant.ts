/** The tenant a request is about. */
import { z } from 'zod';

/** A tenant's id as a parameter. */
export const tenantInput = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'is not the id of a tenant');
