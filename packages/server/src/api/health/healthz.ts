/** `GET /healthz`: the process is up and answers. Asks nothing else. */
import type { Endpoint } from '../endpoint.ts';

export const healthz: Endpoint = {
  access: 'public',
  handle: () => ({ status: 'ok' }),
};
