/** How long what is known of a key is trusted before the database is asked again, in milliseconds. */

/**
 * A key is believed this long without asking again. A key that another process revoked works this much longer. A busy
 * key is asked for again from half of it on.
 */
export const FRESH_MS = 10_000;
/** A key that was good is believed this long while the database does not answer; after that the call fails until it does. */
export const GRACE_MS = 600_000;
/** Longest wait for the database before a remembered key is believed. */
export const PATIENCE_MS = 1_000;
/** After a failed look-up, remembered keys are believed this long without trying again. */
export const AWAY_MS = 1_000;
/** A key that the database does not know is refused from memory this long. */
export const UNKNOWN_MS = 5_000;
