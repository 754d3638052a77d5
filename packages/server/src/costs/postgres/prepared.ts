/**
 * Statements that are asked again and again are planned once per connection: planning one takes longer than running it.
 * The shapes that questions can have are many, the ones that dashboards ask are few, and every prepared one takes
 * memory in every connection: those that come first stay.
 */
import { createHash } from 'node:crypto';
import type { Tx } from '../../db/database.ts';

/** Statements prepared at most. */
const MOST_PREPARED = 48;
/** Times that a statement is asked before it is prepared. */
const USES_BEFORE = 4;
/** Texts that are counted at most. */
const MOST_COUNTED = 500;

const names = new Map<string, string>();
let uses = new Map<string, number>();
/** Transactions that keep to plans made for any values. */
const keepingPlans = new WeakSet<Tx>();

/** Forces generic plans in a transaction. If it was sent with the transaction's beginning, call {@link plansAreKept}. */
export const KEEP_PLANS = 'set local plan_cache_mode = force_generic_plan';

export function plansAreKept(tx: Tx): void {
  keepingPlans.add(tx);
}

/**
 * Runs a statement whose best plan does not depend on its values. Its transaction forces generic plans: by default
 * Postgres plans anew each time, since it cannot know how few ranges are read.
 */
export async function queryPrepared<Row extends object>(tx: Tx, text: string, values: readonly unknown[]) {
  const name = nameOf(text);
  if (name === null) return queryPlanned<Row>(tx, text, values);
  if (!keepingPlans.has(tx)) {
    await tx.query(KEEP_PLANS);
    keepingPlans.add(tx);
  }
  return tx.query<Row>({ name, text }, values);
}

/** Runs a statement that is planned for its values. */
export async function queryPlanned<Row extends object>(tx: Tx, text: string, values: readonly unknown[]) {
  if (keepingPlans.delete(tx)) await tx.query('set local plan_cache_mode = auto');
  return tx.query<Row>(text, values);
}

/** A name for a statement that has shown that it comes again, else null. */
function nameOf(text: string): string | null {
  const name = names.get(text);
  if (name !== undefined) return name;
  if (names.size >= MOST_PREPARED) return null;
  const times = (uses.get(text) ?? 0) + 1;
  if (times < USES_BEFORE) {
    if (uses.size >= MOST_COUNTED) uses = new Map();
    uses.set(text, times);
    return null;
  }
  uses.delete(text);
  const made = `cost_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
  names.set(text, made);
  return made;
}
