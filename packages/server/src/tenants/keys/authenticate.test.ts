import { describe, expect, it } from 'vitest';
import { makeIdentity } from '../identity.ts';
import { hashKey, makeKey } from './api-key.ts';
import { createAuthenticator } from './authenticate.ts';
import type { StoredKey } from './key-rows.ts';

/** A store in memory that can be switched off, and a manual clock. */
function setUp() {
  const keys = new Map<string, StoredKey>();
  const state = { now: 1_000_000, elapsed: 0, away: false, asked: 0, touched: [] as string[] };
  const authenticator = createAuthenticator({
    store: {
      async findKey(hash) {
        state.asked++;
        if (state.away) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
        return keys.get(hash.toString('hex')) ?? null;
      },
      async touchKeys(ids) {
        state.touched.push(...ids);
      },
    },
    now: () => state.now,
    elapsed: () => state.elapsed,
    freshMs: 10_000,
    graceMs: 600_000,
    capacity: 3,
  });
  const add = (keyId: string, expiresAt: Date | null = null) => {
    const raw = makeKey();
    keys.set(hashKey(raw).toString('hex'), {
      keyId,
      identity: makeIdentity({ keyId, role: 'member', tenantId: 'acme' }),
      expiresAt,
    });
    return raw;
  };
  return { authenticator, state, keys, add };
}

describe('authenticator', () => {
  it('knows a key and asks the store once for many requests', async () => {
    const { authenticator, state, add } = setUp();
    const raw = add('k1');
    const found = await Promise.all(Array.from({ length: 20 }, () => authenticator.verify(raw)));
    expect(found.every((identity) => identity?.keyId === 'k1')).toBe(true);
    expect(state.asked).toBe(1);
  });

  it('refuses unknown, mistyped, empty and endless keys; the mistyped ones without asking', async () => {
    const { authenticator, state } = setUp();
    expect(await authenticator.verify(makeKey())).toBeNull();
    expect(state.asked).toBe(1);
    expect(await authenticator.verify(`${makeKey().slice(0, -1)}!`)).toBeNull();
    expect(await authenticator.verify(`frt_${'0'.repeat(49)}`)).toBeNull();
    expect(await authenticator.verify('')).toBeNull();
    expect(await authenticator.verify('x'.repeat(5_000))).toBeNull();
    expect(state.asked).toBe(2);
  });

  it('believes a verified key for minutes while the store is away, and no other', async () => {
    const { authenticator, state, add } = setUp();
    const known = add('known');
    const fresh = add('fresh');
    await authenticator.verify(known);
    state.away = true;
    state.elapsed += 300_000;
    expect((await authenticator.verify(known))?.keyId).toBe('known');
    await expect(authenticator.verify(fresh)).rejects.toThrow('ECONNREFUSED');
    state.elapsed += 600_000;
    await expect(authenticator.verify(known)).rejects.toThrow('ECONNREFUSED');
  });

  it('notices a key revoked elsewhere once it is no longer fresh', async () => {
    const { authenticator, state, keys, add } = setUp();
    const raw = add('k1');
    await authenticator.verify(raw);
    keys.clear();
    expect(await authenticator.verify(raw)).not.toBeNull();
    state.elapsed += 10_001;
    expect(await authenticator.verify(raw)).toBeNull();
  });

  it('notices it as soon after the clock was set back or forward by a day', async () => {
    for (const jump of [-86_400_000, 86_400_000]) {
      const { authenticator, state, keys, add } = setUp();
      const [raw, late] = [add('k1'), makeKey()];
      await authenticator.verify(raw);
      expect(await authenticator.verify(late)).toBeNull();
      keys.clear();
      keys.set(hashKey(late).toString('hex'), {
        keyId: 'late',
        identity: makeIdentity({ keyId: 'late', role: 'member', tenantId: 'acme' }),
        expiresAt: null,
      });
      state.now += jump;
      expect(await authenticator.verify(raw)).not.toBeNull();
      expect(await authenticator.verify(late)).toBeNull();
      state.elapsed += 10_001;
      expect(await authenticator.verify(raw)).toBeNull();
      expect((await authenticator.verify(late))?.keyId).toBe('late');
    }
  });

  it('forgets a key revoked here at once, also one whose look-up is under way', async () => {
    const { authenticator, add } = setUp();
    const raw = add('k1');
    const underWay = authenticator.verify(raw);
    authenticator.forget('k1');
    expect(await underWay).toBeNull();
    expect(await authenticator.verify(raw)).toBeNull();
  });

  it('refuses a remembered key from the moment it expires', async () => {
    const { authenticator, state, add } = setUp();
    const raw = add('k1', new Date(1_005_000));
    expect(await authenticator.verify(raw)).not.toBeNull();
    state.now = 1_005_000;
    expect(await authenticator.verify(raw)).toBeNull();
  });

  it('does not ask again for an unknown key at once, and remembers a bounded number', async () => {
    const { authenticator, state } = setUp();
    const unknown = Array.from({ length: 5 }, makeKey);
    for (const raw of unknown) await authenticator.verify(raw);
    await authenticator.verify(unknown[4] ?? '');
    expect(state.asked).toBe(5);
    await authenticator.verify(unknown[0] ?? '');
    expect(state.asked).toBe(6);
  });

  it('writes down which keys were used', async () => {
    const { authenticator, state, add } = setUp();
    await authenticator.verify(add('k1'));
    await authenticator.flush();
    await authenticator.flush();
    expect(state.touched).toEqual(['k1']);
  });
});
