/** `/api/admin/audit`: its answers. */
import { z } from 'zod';
import { instantText, nextCursor } from '../values.ts';

export const auditEntry = z
  .object({
    id: z.string(),
    at: instantText,
    actor: z.string(),
    action: z.string(),
    tenant: z.string().nullable(),
    details: z.record(z.string(), z.unknown()).meta({ description: 'Particulars; never a secret.' }),
  })
  .meta({ id: 'AuditEntry', description: 'One administrative act, or failed sign-ins.' });

export const auditAnswer = z.object({ entries: z.array(auditEntry), next_cursor: nextCursor });
