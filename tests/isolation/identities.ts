/** Every kind of caller: none, wrong and expired credentials, every role and permission, as key and as session. */
import {
  MEMBER_ROLES,
  PERMISSIONS,
  type Permission,
  ROLE_PERMISSIONS,
  ROLES,
  type Role,
} from '@farthing/contract';
import { makeKey } from '../../packages/server/src/tenants/keys/api-key.ts';
import type { SessionScope } from '../../packages/server/src/tenants/sessions/login-link-store.ts';
import type { TestServer } from '../server/test-server.ts';

export interface Knocking {
  readonly name: string;
  /** What it may do; null: it is not known at all. */
  readonly permissions: ReadonlySet<Permission> | null;
  readonly kind: 'key' | 'session';
  /** True: it counts as no credential for a request that may change something. */
  readonly readsOnly: boolean;
  /** The headers of its next request. A session is made anew, since a request may end it. */
  headers(): Promise<Record<string, string>>;
}

const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' };

/** Makes them all, in tenant `acme`. */
export async function everybody({ server: { context } }: TestServer): Promise<readonly Knocking[]> {
  const { tenants, sessions, db } = context;
  const key = (name: string, secret: string | null, permissions: readonly Permission[] | null): Knocking => ({
    name,
    kind: 'key',
    readsOnly: false,
    permissions: permissions === null ? null : new Set(permissions),
    headers: async () =>
      secret === null
        ? ({} as Record<string, string>)
        : { authorization: `Bearer ${secret}`, 'x-farthing-key': secret },
  });
  const make = async (role: Role, scopes?: readonly Permission[]) =>
    tenants.createKey({ name: role, role, scopes, tenantId: role === 'admin' ? undefined : 'acme' }, 'test');
  const session = (
    name: string,
    scope: SessionScope,
    permissions: readonly Permission[] | null,
    spoil?: string,
  ): Knocking => ({
    name,
    kind: 'session',
    readsOnly: false,
    permissions: permissions === null ? null : new Set(permissions),
    async headers() {
      const secret = await sessions.redeem(await sessions.createLink(scope, 'test'));
      if (spoil !== undefined)
        await db.asOperator((tx) =>
          tx.query(`update sessions set ${spoil} where hash = sha256($1::bytea)`, [
            Buffer.from(secret ?? ''),
          ]),
        );
      return { cookie: `farthing_session=${secret}`, ...SAME_ORIGIN };
    },
  });

  const revoked = await make('admin');
  await tenants.revokeKey(revoked.key.id, 'test');
  const expired = await make('admin');
  const rotated = await make('admin');
  await tenants.rotateKey(rotated.key.id, 0, 'test');
  await db.asOperator((tx) =>
    tx.query(`update api_keys set expires_at = now() - interval '1 second' where id = $1`, [expired.key.id]),
  );
  const good = await make('admin');
  const ofRoles = await Promise.all(
    ROLES.map(async (role) => key(`${role} key`, (await make(role)).secret, ROLE_PERMISSIONS[role])),
  );
  const ofScopes = await Promise.all(
    PERMISSIONS.map(async (scope) =>
      key(`key for ${scope} alone`, (await make('admin', [scope])).secret, [scope]),
    ),
  );
  const ofSessions = [
    session('admin session', { role: 'admin' }, ROLE_PERMISSIONS.admin),
    ...MEMBER_ROLES.map((role) =>
      session(`${role} session`, { role, tenantId: 'acme' }, ROLE_PERMISSIONS[role]),
    ),
  ];
  const crossSite = session('admin session from another site', { role: 'admin' }, ROLE_PERMISSIONS.admin);
  return [
    key('no key', null, null),
    key('an invented key', makeKey(), null),
    key('a mistyped key', `${good.secret.slice(0, -1)}${good.secret.endsWith('0') ? '1' : '0'}`, null),
    key('a malformed key', 'null', null),
    key('an endless key', 'x'.repeat(3_000), null),
    key('a revoked key', revoked.secret, null),
    key('an expired key', expired.secret, null),
    key('a key before its rotation', rotated.secret, null),
    session('an expired session', { role: 'admin' }, null, `expires_at = now() - interval '1 second'`),
    session('a revoked session', { role: 'admin' }, null, 'revoked_at = now()'),
    {
      ...crossSite,
      readsOnly: true,
      headers: async () => ({ ...(await crossSite.headers()), 'sec-fetch-site': 'cross-site' }),
    },
    ...ofRoles,
    ...ofScopes,
    ...ofSessions,
  ];
}
