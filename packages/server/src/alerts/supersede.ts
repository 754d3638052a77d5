/** Finds the crossings of one evaluation that a higher one makes redundant. Pure. */
import { SEVERITIES } from '@farthing/contract';
import { parseUsd } from '@farthing/pricing';
import type { Alert } from './alert.ts';

/**
 * Spend that jumps from 10 % to 120 % reaches 50, 75, 90 and 100 at once; only 100 is worth reading. Among alerts about
 * the same spend, the highest threshold that is at least as severe supersedes those below it. The result is keyed by
 * the id of the superseded alert.
 *
 * @param told alerts of one evaluation; earlier alerts are never superseded
 */
export function supersededIn(told: readonly Alert[]): ReadonlyMap<string, string> {
  const superseded = new Map<string, string>();
  for (const same of Map.groupBy(told, spendOf).values()) {
    const highestFirst = same
      .map((alert) => ({ id: alert.id, at: parseUsd(alert.threshold), rank: rankOf(alert) }))
      .sort((a, b) => (a.at > b.at ? -1 : 1));
    for (const { id, at, rank } of highestFirst) {
      const above = highestFirst.find((one) => one.at > at && one.rank >= rank);
      if (above !== undefined) superseded.set(id, above.id);
    }
  }
  return superseded;
}

const spendOf = ({ tenant, alertName, scope, subject, periodStart }: Alert): string =>
  JSON.stringify([tenant, alertName, scope, subject, periodStart]);

const rankOf = ({ severity }: Alert): number => SEVERITIES.indexOf(severity);
