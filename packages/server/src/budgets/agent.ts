/** An agent in the registry: its monthly limit, and whether it is paused. */
import { AppError } from '@farthing/contract';
import { MoneyError, PICOS_PER_USD, parseUsd } from '@farthing/pricing';
import { z } from 'zod';

export type AgentStatus = 'active' | 'paused';

/** One agent. Amounts are picos, times are instants. */
export interface Agent {
  readonly tenant: string;
  /** Made when the agent was first seen. */
  readonly id: string;
  /** As events name it; unique in its tenant. */
  readonly name: string;
  /** Its own monthly limit; null: the deployment's. */
  readonly ownLimitPicos: bigint | null;
  readonly status: AgentStatus;
  readonly pausedAt: Date | null;
  /** Who paused it: `key:<id>`, `user:<id>`. */
  readonly pausedBy: string | null;
  readonly pauseReason: string | null;
  readonly spendReset: SpendReset | null;
  readonly createdAt: Date;
}

/**
 * The sums a month had when the agent's spend was set back. As long as the month is the same they are taken off what
 * the month has cost by then; in the next month they mean nothing. The ledger keeps every event.
 */
export interface SpendReset {
  readonly at: Date;
  /** First day of the month it counts in, in the tenant's zone: `2026-11-01`. */
  readonly month: string;
  readonly costPicos: bigint;
  readonly requests: number;
}

/** A month's sums of one agent. */
export interface MonthSpend {
  /** First day of the month, in the tenant's zone. */
  readonly month: string;
  readonly costPicos: bigint;
  readonly requests: number;
}

/** The reason for a pause, as free text. */
export const pauseReasonInput = z.string().trim().min(1).max(1000);

/** Largest limit of an agent: beyond it a limit limits nothing, and is a slip of the hand. */
export const MAX_AGENT_LIMIT_PICOS = 1_000_000_000n * PICOS_PER_USD;

/** What the agent may spend in a month. */
export const limitOf = (agent: Pick<Agent, 'ownLimitPicos'>, defaultLimitPicos: bigint): bigint =>
  agent.ownLimitPicos ?? defaultLimitPicos;

/**
 * A month's sums as they count against the limit: sums from before this month's last reset are subtracted. Never below
 * zero: re-rating can lower what was spent before a reset.
 *
 * @example spendSinceReset(agent, { month: '2026-11-01', costPicos: 3n, requests: 2 })
 */
export function spendSinceReset(agent: Pick<Agent, 'spendReset'>, spend: MonthSpend): MonthSpend {
  const reset = agent.spendReset;
  if (reset === null || reset.month !== spend.month) return spend;
  const costPicos = spend.costPicos - reset.costPicos;
  return {
    month: spend.month,
    costPicos: costPicos > 0n ? costPicos : 0n,
    requests: Math.max(0, spend.requests - reset.requests),
  };
}

/**
 * A monthly limit as a caller gives it: a number or decimal text, from 0 to 1,000,000,000 USD, at most 12 decimals.
 *
 * @example readAgentLimit(100) === readAgentLimit('100.00')
 */
export function readAgentLimit(given: number | string): bigint {
  let picos: bigint;
  try {
    picos = parseUsd(String(given));
  } catch (error) {
    if (error instanceof MoneyError) throw refused(`is no amount: ${error.message}`);
    throw error;
  }
  if (picos < 0n) throw refused('must not be negative');
  if (picos > MAX_AGENT_LIMIT_PICOS) throw refused('must be at most 1,000,000,000 USD');
  return picos;
}

function refused(message: string): AppError {
  const path = 'max_monthly_cost_usd';
  return new AppError('invalid_body', `${path} ${message}.`, { details: [{ path, message }] });
}
