/** `POST /api/admin/agents/:id/unpause`: lets a paused agent go on. */
import { agentBudget } from '../../cost/agent-budget.ts';
import { endpoint } from '../../endpoint.ts';
import { AGENT_ERRORS, agentPath, agentQuery, changeAgent } from '../agents.ts';

export const unpauseAgent = endpoint({
  access: 'agents:write',
  summary: 'Lets a paused agent go on.',
  description: 'Changes nothing where it is not paused. Written to the audit log.',
  tags: ['agents'],
  params: agentPath,
  query: agentQuery,
  answer: agentBudget,
  errors: AGENT_ERRORS,
  examples: [{ name: 'by name', params: { id: 'crawler' } }],
  handle: ({ context, ...asked }) => changeAgent(context, asked, { kind: 'unpause' }),
});
