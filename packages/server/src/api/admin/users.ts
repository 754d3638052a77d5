/**
 * `/api/admin/users`: people and their roles in tenants. A tenant's administrator sees only the members of that tenant.
 */
import {
  AppError,
  changeUserInput,
  invitedUserAnswer,
  inviteUserInput,
  type Permission,
  ROLE_PERMISSIONS,
  removedUserAnswer,
  type UserAnswer,
  type UserLinkAnswer,
  userAnswer,
  userLinkAnswer,
  usersAnswer,
} from '@farthing/contract';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { AppContext } from '../../context.ts';
import { readableTenant, requireGrantable, writableTenant } from '../../http/callers/access.ts';
import { actorOf, type Identity } from '../../tenants/identity.ts';
import { type UserLink, welcomeUrl } from '../../tenants/sessions/login-link-store.ts';
import type { User } from '../../tenants/users/user.ts';
import { endpoint } from '../endpoint.ts';

const path = z.strictObject({ id: z.uuid() });
const missing = () => new AppError('not_found', 'There is no user with this id.');
const SOMEBODY = '01930000-0000-7000-8000-0000000000b0';

/** `GET`. */
export const listUsers = endpoint({
  access: 'users:manage',
  summary: 'People; of one tenant its members.',
  tags: ['access'],
  query: z.strictObject({ tenant: z.string().max(63).optional() }),
  answer: usersAnswer,
  examples: [{ name: 'of one tenant', query: { tenant: 'acme' } }],
  async handle({ context, identity, query }) {
    const users = await context.users.list(readableTenant(identity, query.tenant));
    return { users: users.map(userAnswerOf) };
  },
});

/** `POST`. */
export const inviteUser = endpoint({
  access: 'users:manage',
  summary: 'Invites somebody: makes an account where there is none, and a link to hand over.',
  description:
    'They have the role when they have opened the link and chosen a password, or given the one that their account has. Nobody can appoint somebody above himself.',
  tags: ['access'],
  body: inviteUserInput,
  status: 201,
  answer: invitedUserAnswer,
  errors: ['conflict', 'unknown_tenant'],
  examples: [{ name: 'a viewer', body: { email: 'finance@example.com', role: 'viewer', tenant: 'acme' } }],
  async handle({ context, identity, body: { email, name, role, tenant }, request }) {
    requireGrantable(identity, role);
    if (role === 'admin' && tenant !== undefined)
      throw new AppError('invalid_body', 'tenant: an administrator belongs to none; leave it out.');
    const as = role === 'admin' ? { role } : { role, tenantId: writableTenant(identity, tenant) };
    const { user, link } = await context.users.invite({ email, name, as }, actorOf(identity));
    return { user: userAnswerOf(user), link: linkBody(context, request, link) };
  },
});

/** `PATCH /:id`. */
export const changeUser = endpoint({
  access: 'users:manage',
  summary: 'Changes a member’s role, or shuts somebody out; their sessions end then.',
  description:
    'For a tenant’s administrator it is about that tenant. An administrator names the tenant; without one `disabled` shuts the account everywhere.',
  tags: ['access'],
  params: path,
  body: changeUserInput,
  answer: userAnswer,
  errors: ['not_found'],
  examples: [
    { name: 'another role', params: { id: SOMEBODY }, body: { tenant: 'acme', role: 'tenant_admin' } },
  ],
  async handle({ context, identity, params: { id }, body }) {
    const { role, disabled } = body;
    const tenantId = readableTenant(identity, body.tenant);
    requireAbove(identity, await context.users.get(id, tenantId));
    if (role !== undefined) requireGrantable(identity, role);
    if (tenantId === null && role !== undefined)
      throw new AppError('invalid_body', 'tenant: name the one in which the role is to be another.');
    const changed =
      tenantId === null
        ? await context.users.setDisabled(id, disabled === true, actorOf(identity))
        : await context.users.changeMember(id, tenantId, { role, disabled }, actorOf(identity));
    if (changed === null) throw missing();
    for (const ended of changed.ended) context.sessionAuthenticator.forget(ended);
    for (const { id: session } of await context.sessions.list({ userId: id }))
      context.sessionAuthenticator.recheck(session);
    return userAnswerOf(changed.user);
  },
});

/** `DELETE /:id`. */
export const removeUser = endpoint({
  access: 'users:manage',
  summary: 'Ends a membership; without a tenant, for administrators, removes the account.',
  tags: ['access'],
  params: path,
  query: z.strictObject({ tenant: z.string().max(63).optional() }),
  answer: removedUserAnswer,
  errors: ['not_found'],
  examples: [{ name: 'from a tenant', params: { id: SOMEBODY }, query: { tenant: 'acme' } }],
  async handle({ context, identity, params: { id }, query }) {
    const tenantId = readableTenant(identity, query.tenant);
    requireAbove(identity, await context.users.get(id, tenantId));
    const ended = await context.users.remove(id, tenantId, actorOf(identity));
    if (ended === null) throw missing();
    for (const session of ended) context.sessionAuthenticator.forget(session);
    return { removed: true as const };
  },
});

/** `POST /:id/link`. */
export const linkUser = endpoint({
  access: 'users:manage',
  summary: 'A new link: the invitation again, or one to choose a new password with.',
  description:
    'Earlier links of the kind are void. A link that sets the password of an account that is in use is made for administrators of the instance only.',
  tags: ['access'],
  params: path,
  answer: userLinkAnswer,
  errors: ['not_found', 'conflict'],
  examples: [{ name: 'for somebody who forgot', params: { id: SOMEBODY } }],
  async handle({ context, identity, params: { id }, request }) {
    requireAbove(identity, await context.users.get(id, identity.tenantId));
    const made = await context.users.makeLink(id, identity.tenantId, actorOf(identity));
    if (made === null) throw missing();
    return linkBody(context, request, made.link);
  },
});

/** Refuses a user whom the caller cannot see, or who has more permissions than the caller. */
function requireAbove(identity: Identity, user: User | null): void {
  if (user === null) throw missing();
  const permissions = new Set<Permission>(
    user.memberships.flatMap(({ role }) => [...ROLE_PERMISSIONS[role]]),
  );
  requireGrantable(identity, user.isAdmin ? 'admin' : 'member', [
    ...permissions,
    ...(user.isAdmin ? ROLE_PERMISSIONS.admin : []),
  ]);
}

function linkBody(context: AppContext, request: FastifyRequest, link: UserLink): UserLinkAnswer {
  const base = context.config.http.publicUrl ?? `${request.protocol}://${request.host}`;
  return {
    kind: link.kind,
    url: welcomeUrl(base, link.token),
    expires_at: link.expiresAt.toISOString(),
  };
}

/** A user as the API answers it, and the command line prints it. */
export function userAnswerOf(user: User): UserAnswer {
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    admin: user.isAdmin,
    created_at: user.createdAt.toISOString(),
    disabled_at: user.disabledAt?.toISOString() ?? null,
    last_seen_at: user.lastSeenAt?.toISOString() ?? null,
    memberships: user.memberships.map((one) => ({
      tenant: one.tenantId,
      role: one.role,
      status: one.disabledAt !== null ? 'disabled' : one.acceptedAt === null ? 'invited' : 'active',
      created_at: one.createdAt.toISOString(),
    })),
  };
}
