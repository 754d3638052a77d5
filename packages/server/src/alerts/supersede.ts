/** Which of the crossings that one evaluation found say no more than another one. Pure. */
import { SEVERITIES } from '@farthing/contract';
import { parseUsd } from '@farthing/pricing';
import type { Alert } from './alert.ts';

/**
 * Whoever jumps from 10 % to 120 % has reached 50, 75, 90 and 100 at once, and wants to hear of 100. Among alerts about the
 * same spend one is superseded by the highest threshold above its own that is at least as severe; that one stands. By the
 * id of the superseded.
 *
 * @param told of one evaluation: what was told before stays as it is
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
