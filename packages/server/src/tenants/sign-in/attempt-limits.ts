/**
 * How many passwords may be tried: `burst` at once, then one per `everyMs`. `throttle.ts` counts them; who is over a limit is
 * locked out until the next one is due.
 */

/** Limit per account and address: guessing from one address does not lock the account elsewhere. */
export const PAIR_LIMIT = { burst: 10, everyMs: 90_000 } as const;
/**
 * One account from all addresses where it has not signed in before: more than one address can use up alone, and a bound on
 * guessing from many.
 */
export const ACCOUNT_LIMIT = { burst: 100, everyMs: 30_000 } as const;
/** Wider than an account's: behind a proxy or a company's exit many people share one. */
export const ADDRESS_LIMIT = { burst: 100, everyMs: 10_000 } as const;
