/** Access: tenants, keys, sessions and people. */
import { type Authenticator, createAuthenticator } from '../tenants/keys/authenticate.ts';
import { createKnownTenants, type KnownTenants } from '../tenants/known-tenants.ts';
import { createSessionStore, type SessionStore } from '../tenants/sessions/session-store.ts';
import { createFailedSignIns, type FailedSignIns } from '../tenants/sign-in/failed-sign-ins.ts';
import { createSignIn, type SignIn } from '../tenants/sign-in/sign-in.ts';
import { createTenantStore, type TenantStore } from '../tenants/store.ts';
import { createUserStore, type UserStore } from '../tenants/users/user-store.ts';
import type { Ground } from './ground.ts';
import type { Opening } from './opening.ts';

export interface AccountParts {
  readonly tenants: TenantStore;
  /** Which tenants exist, from memory. */
  readonly knownTenants: KnownTenants;
  readonly authenticator: Authenticator;
  /** Dashboard sessions: made by one-time links or passwords, checked like keys. */
  readonly sessions: SessionStore;
  readonly sessionAuthenticator: Authenticator;
  readonly users: UserStore;
  readonly signIn: SignIn;
  /** Attempts to sign in that failed, on their way to the audit log. */
  readonly failedSignIns: FailedSignIns;
}

/** How often the last use of keys is written down. */
const FLUSH_MS = 30_000;

/** Opens them. State that they keep in memory is stored every half minute and at the end. */
export async function openAccounts(opening: Opening, { db, now, log }: Ground): Promise<AccountParts> {
  const tenants = createTenantStore(db);
  const sessions = createSessionStore(db);
  const lastUse = (part: Authenticator) => part.flush();
  const authenticator = await opening.part(
    'last use of keys',
    () => createAuthenticator({ store: tenants, now }),
    lastUse,
  );
  const sessionAuthenticator = await opening.part(
    'last use of sessions',
    () => createAuthenticator({ store: sessions, now }),
    lastUse,
  );
  const failedSignIns = await opening.part(
    'failed sign-ins',
    () => createFailedSignIns({ db, now }),
    (part) => part.flush('all'),
  );
  await opening.part(
    'flush of last uses',
    () => {
      const flush = () =>
        Promise.all([authenticator.flush(), sessionAuthenticator.flush(), failedSignIns.flush()]).catch(
          (error: unknown) => log.warn({ err: error }, 'The last use of keys could not be written down'),
        );
      return setInterval(flush, FLUSH_MS).unref();
    },
    (timer) => clearInterval(timer),
  );
  return {
    tenants,
    knownTenants: createKnownTenants(tenants),
    authenticator,
    sessions,
    sessionAuthenticator,
    users: createUserStore(db),
    signIn: createSignIn({ db, now, failures: failedSignIns }),
    failedSignIns,
  };
}
