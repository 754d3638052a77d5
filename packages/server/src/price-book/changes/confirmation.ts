/** Price changes that look wrong need a yes, one for each kind. Pure. */
import type { PriceChange, PriceProblem } from './rate-changes.ts';

/** `true` = yes to everything. */
export type Confirmed = boolean | readonly PriceProblem[];

/** How many changes there are of each kind that needs a yes and has none. Empty = go on. */
export function unconfirmed(
  changes: readonly PriceChange[],
  confirmed: Confirmed,
): { readonly [problem in PriceProblem]?: number } {
  const needs: { [problem in PriceProblem]?: number } = {};
  for (const { problem } of changes) {
    if (problem === null || confirmed === true) continue;
    if (confirmed !== false && confirmed.includes(problem)) continue;
    needs[problem] = (needs[problem] ?? 0) + 1;
  }
  return needs;
}

/** The kinds that were needed and confirmed, for the record. */
export function confirmedKinds(changes: readonly PriceChange[], confirmed: Confirmed): PriceProblem[] {
  const needed = new Set(changes.flatMap(({ problem }) => (problem === null ? [] : [problem])));
  return [...needed].filter(
    (problem) => confirmed === true || (confirmed !== false && confirmed.includes(problem)),
  );
}

/** Those that need a yes first. */
export function doubtfulFirst(changes: readonly PriceChange[]): readonly PriceChange[] {
  const doubtful = changes.filter((change) => change.problem !== null);
  return [...doubtful, ...changes.filter((change) => change.problem === null)];
}

/** Changes that were not confirmed; nothing was changed. */
export class UnconfirmedError extends Error {
  override readonly name = 'UnconfirmedError';
  readonly changes: readonly PriceChange[];
  readonly needs: { readonly [problem in PriceProblem]?: number };
  constructor(changes: readonly PriceChange[], needs: UnconfirmedError['needs']) {
    const kinds = Object.entries(needs).map(([problem, count]) => `${count} ${problem}`);
    super(`Of ${changes.length} price changes some need a yes: ${kinds.join(', ')}.`);
    this.changes = changes;
    this.needs = needs;
  }
}
