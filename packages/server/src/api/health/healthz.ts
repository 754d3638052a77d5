/** `GET /healthz`: the process is up and answers. Asks nothing else. */
import { healthAnswer } from '@farthing/contract';
import { endpoint } from '../endpoint.ts';

export const healthz = endpoint({
  access: 'public',
  summary: 'Whether the process is up.',
  tags: ['operations'],
  answer: healthAnswer,
  examples: [{ name: 'ask' }],
  handle: () => ({ status: 'ok' as const }),
});
