/** `POST /api/admin/agents/:id/pause`: marks an agent as paused. */
import { z } from 'zod';
import { pauseReasonInput } from '../../../budgets/agent.ts';
import { agentBudget } from '../../cost/agent-budget.ts';
import { endpoint } from '../../endpoint.ts';
import { AGENT_ERRORS, agentPath, agentQuery, changeAgent } from '../agents.ts';

export const pauseAgent = endpoint({
  access: 'agents:write',
  summary: 'Pauses an agent.',
  description:
    'Keeps who paused it, when and why; pausing a paused agent changes nothing. Written to the audit log. Calls of a paused agent are not refused yet: ask `is_active` before you make them.',
  tags: ['agents'],
  params: agentPath,
  query: agentQuery,
  body: z.strictObject({ reason: pauseReasonInput.optional() }),
  answer: agentBudget,
  errors: AGENT_ERRORS,
  examples: [
    { name: 'with a reason', params: { id: 'crawler' }, body: { reason: 'It calls itself in a loop.' } },
  ],
  handle: ({ context, body: { reason = null }, ...asked }) =>
    changeAgent(context, asked, { kind: 'pause', reason }),
});
