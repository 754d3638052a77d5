/** Carries attribution along asynchronous calls. The only part that needs `node:async_hooks`. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type Attribution, mergeAttribution } from './attribution.ts';

const store = new AsyncLocalStorage<Attribution>();

/** The attribution in force here; empty outside of {@link withAttribution}. */
export function currentAttribution(): Attribution {
  return store.getStore() ?? {};
}

/**
 * Runs `fn` with this attribution; every tracked call it makes, however deep, carries it. Nested calls merge.
 *
 * @example
 * await withAttribution({ agent: 'researcher', tags: { team: 'growth' } }, () => runAgent());
 */
export function withAttribution<T>(attribution: Attribution, fn: () => T): T {
  return store.run(mergeAttribution(currentAttribution(), attribution), fn);
}
