import { describe, expect, test } from 'vitest';
import { makeIdentity } from '../../tenants/identity.ts';
import { requirePermission } from './access.ts';

describe('a caller without a permission', () => {
  const key = { keyId: 'k1', tenantId: 'acme' } as const;

  test('is told that the scopes of the key leave it out where the role has it', () => {
    const narrowed = makeIdentity({ ...key, role: 'member', scopes: ['events:write'] });
    expect(() => requirePermission(narrowed, 'usage:read')).toThrow(
      'This needs "usage:read", which this key\'s scopes leave out.',
    );
    expect(() => requirePermission(narrowed, 'events:write')).not.toThrow();
  });

  test('is told that the role lacks it otherwise', () => {
    const narrowed = makeIdentity({ ...key, role: 'member', scopes: ['events:write'] });
    expect(() => requirePermission(narrowed, 'users:manage')).toThrow(
      'which a member key like yours does not have',
    );
  });
});
