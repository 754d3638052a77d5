/** Which shares of its monthly limit an agent has used up. Pure. */
import type { Severity } from '@farthing/contract';
import { printUsd } from '@farthing/pricing';
import type { AgentSpend } from '../agent-spend/agent-spend.ts';
import type { Crossing } from './alert.ts';

/** Per cent of its limit at which every agent is reported, whatever thresholds are configured. */
export const AGENT_THRESHOLDS: readonly { readonly pct: number; readonly severity: Severity }[] = [
  { pct: 50, severity: 'info' },
  { pct: 75, severity: 'warning' },
  { pct: 90, severity: 'critical' },
  { pct: 100, severity: 'critical' },
];

/** The shares an agent has reached this month, smallest first. Spend that was set back can reach them again. */
export function agentCrossings(spend: AgentSpend): Crossing[] {
  const { agent, limitPicos, currentPicos } = spend;
  if (currentPicos <= 0n) return [];
  const limitUsd = printUsd(limitPicos);
  const costUsd = printUsd(currentPicos);
  const since = agent.spendReset !== null && spend.since !== spend.monthStart ? `#${spend.since}` : '';
  return AGENT_THRESHOLDS.filter(({ pct }) => currentPicos * 100n >= limitPicos * BigInt(pct)).map(
    ({ pct, severity }) => ({
      tenant: agent.tenant,
      alertName: 'agent_budget_threshold',
      severity,
      message: `Agent "${agent.name}" has spent $${costUsd} of its $${limitUsd} this month (${spend.utilizationPct} %): ${pct} % reached.`,
      metricValue: String(spend.utilizationPct),
      threshold: String(pct),
      costUsd,
      limitUsd,
      scope: 'agent',
      subject: agent.name,
      period: 'month',
      periodStart: spend.monthStart,
      thresholdId: null,
      crossing: `${pct}%@${limitUsd}${since}`,
    }),
  );
}
