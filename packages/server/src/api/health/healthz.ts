/** `GET /healthz`: the process is up and answers. Asks nothing else. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';

export const healthz = endpoint({
  access: 'public',
  summary: 'Whether the process is up.',
  tags: ['operations'],
  answer: z.object({ status: z.literal('ok') }),
  examples: [{ name: 'ask' }],
  handle: () => ({ status: 'ok' as const }),
});
