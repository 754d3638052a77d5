/** Checks passwords under limits on how many attempts an account and an address have. */
import type { Database } from '../../db/database.ts';
import { type Account, keepHash } from './account-store.ts';
import { ACCOUNT_LIMIT, ADDRESS_LIMIT, PAIR_LIMIT } from './attempt-limits.ts';
import type { SignInFailure } from './failed-sign-ins.ts';
import { checkPassword, hashPassword } from './password.ts';
import { addressGroup, type Counted, createThrottle } from './throttle.ts';
import { createUsualPlaces } from './usual-places.ts';

type Fail = (reason: SignInFailure) => void;

export interface PasswordProof {
  /**
   * Checks an account's password; a wrong one counts. Null where it is not good: `fail` has heard why.
   *
   * @throws AppError `rate_limited`
   */
  prove(
    account: Account | null,
    given: { readonly email: string; readonly password: string; readonly address: string },
    fail: Fail,
  ): Promise<Account | null>;
  /**
   * Counts an attempt from an address that uses no password; the result undoes it.
   *
   * @throws AppError `rate_limited`
   */
  attemptFrom(address: string, fail: Fail): () => void;
}

/** The attempts are counted for this process, in bounded memory. */
export function createPasswordProof(db: Database): PasswordProof {
  const throttle = createThrottle({});
  const places = createUsualPlaces();
  const counted = (account: string, address: string): readonly Counted[] => [
    { name: `account ${account} from ${addressGroup(address)}`, limit: PAIR_LIMIT },
    byAddress(address),
    // The owner can sign in from a known place, whatever others do from elsewhere.
    ...(places.has(account, address) ? [] : [{ name: `account ${account}`, limit: ACCOUNT_LIMIT }]),
  ];

  /** Takes an attempt, or says that there were too many. */
  function take(attempt: readonly Counted[], fail: Fail): void {
    try {
      throttle.take(attempt);
    } catch (error) {
      fail('too_many');
      throw error;
    }
  }

  return {
    async prove(account, { email, password, address }, fail) {
      const attempt = counted(email, address);
      take(attempt, fail);
      const check = await checkPassword(password, account?.password_hash ?? null);
      if (!check.ok || account === null || account.disabled) {
        fail(check.ok && account !== null ? 'shut' : 'password');
        return null;
      }
      throttle.giveBack(attempt);
      places.add(email, address);
      // Hashed at another cost: kept at today's from now on.
      if (check.outdated) await keepHash(db, account.id, await hashPassword(password));
      return account;
    },
    attemptFrom(address, fail) {
      const attempt = [byAddress(address)];
      take(attempt, fail);
      return () => throttle.giveBack(attempt);
    },
  };
}

const byAddress = (address: string): Counted => ({
  name: `address ${addressGroup(address)}`,
  limit: ADDRESS_LIMIT,
});
