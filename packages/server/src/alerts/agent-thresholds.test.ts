import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgentSpend } from '../agent-spend/agent-spend.ts';
import type { Agent } from '../budgets/agent.ts';
import { AGENT_THRESHOLDS, agentCrossings } from './agent-thresholds.ts';

const agent: Agent = {
  tenant: 'acme',
  id: '0b0e0000-0000-4000-8000-000000000000',
  name: 'crawler',
  ownLimitPicos: null,
  status: 'active',
  pausedAt: null,
  pausedBy: null,
  pauseReason: null,
  spendReset: null,
  createdAt: new Date(0),
};

const spendOf = (limitPicos: bigint, currentPicos: bigint): AgentSpend => ({
  agent,
  limitPicos,
  currentPicos,
  remainingPicos: limitPicos - currentPicos,
  utilizationPct: 0,
  requests: 1,
  since: 0,
  monthStart: 0,
});
const shares = (limit: bigint, current: bigint) =>
  agentCrossings(spendOf(limit, current)).map(({ threshold }) => Number(threshold));

const amount = fc.bigInt({ min: 1n, max: 10n ** 18n });

describe('agentCrossings', () => {
  it('is every share that is reached, to the picodollar, and only those', () => {
    fc.assert(
      fc.property(amount, amount, (limit, current) => {
        const expected = AGENT_THRESHOLDS.map(({ pct }) => pct).filter(
          (pct) => current * 100n >= limit * BigInt(pct),
        );
        expect(shares(limit, current)).toEqual(expected);
      }),
    );
    expect(shares(200n, 99n)).toEqual([]);
    expect(shares(200n, 100n)).toEqual([50]);
    expect(shares(200n, 199n)).toEqual([50, 75, 90]);
    expect(shares(200n, 200n)).toEqual([50, 75, 90, 100]);
  });

  it('only ever grows while money is spent', () => {
    fc.assert(
      fc.property(amount, amount, amount, (limit, current, more) => {
        const before = agentCrossings(spendOf(limit, current)).map(({ crossing }) => crossing);
        const after = agentCrossings(spendOf(limit, current + more)).map(({ crossing }) => crossing);
        expect(after).toEqual(expect.arrayContaining(before));
      }),
    );
  });

  it('is nothing while nothing was spent, and everything from the first picodollar on where nothing may be', () => {
    expect(shares(0n, 0n)).toEqual([]);
    expect(shares(0n, 1n)).toEqual([50, 75, 90, 100]);
  });
});
