/** `GET /api/admin/audit`: who changed what. */
import { z } from 'zod';
import { readableTenant } from '../../http/callers/access.ts';
import { readAuditLog } from '../../tenants/audit/read-audit.ts';
import { endpoint } from '../endpoint.ts';
import { integerParameter } from '../query-parameters.ts';
import { instant, nextCursor } from '../schemas.ts';

export const listAudit = endpoint({
  access: 'tenant:manage',
  summary: 'The audit log: every administrative act and every failed sign-in, newest first.',
  description:
    'Of one tenant for its own administrators. `actor` is `key:<id>`, `user:<id>`, `session:<id>` (a browser that a sign-in link opened), `cli:<name>` (who ran the command line), `start`, or `anonymous` for `session.refuse`: attempts to sign in that failed.',
  tags: ['access'],
  query: z.strictObject({
    tenant: z.string().max(63).optional(),
    actor: z.string().min(1).max(200).optional().meta({
      description: '`cli:ada`, or `cli` for everything done on the command line.',
    }),
    action: z.string().min(1).max(100).optional().meta({
      description: '`key.revoke`, or `key` for everything done to keys.',
    }),
    from: z.iso.datetime({ offset: true }).optional(),
    to: z.iso.datetime({ offset: true }).optional(),
    limit: integerParameter(1, 500).optional(),
    cursor: z.string().max(20).optional(),
  }),
  answer: z.object({
    entries: z.array(
      z
        .object({
          id: z.string(),
          at: instant,
          actor: z.string(),
          action: z.string(),
          tenant: z.string().nullable(),
          details: z.record(z.string(), z.unknown()).meta({ description: 'Particulars; never a secret.' }),
        })
        .meta({ id: 'AuditEntry', description: 'One administrative act, or failed sign-ins.' }),
    ),
    next_cursor: nextCursor,
  }),
  examples: [
    { name: 'the last ones' },
    { name: 'what was done to keys', query: { action: 'key', limit: '20' } },
  ],
  async handle({ context, identity, query }) {
    const { tenant, actor, action, from, to, limit = 100, cursor } = query;
    const page = await readAuditLog(context.db, {
      tenantId: readableTenant(identity, tenant),
      actor,
      action,
      from: from === undefined ? undefined : new Date(from),
      to: to === undefined ? undefined : new Date(to),
      cursor,
      limit,
    });
    return {
      entries: page.records.map(({ id, at, actor: who, action: what, tenantId, details }) => ({
        id,
        at: at.toISOString(),
        actor: who,
        action: what,
        tenant: tenantId,
        details,
      })),
      next_cursor: page.nextCursor,
    };
  },
});
