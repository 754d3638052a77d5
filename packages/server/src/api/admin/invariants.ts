/** `/api/admin/invariants`: what the watch over the ledger has found. */

import { setTimeout as sleep } from 'node:timers/promises';
import { type InvariantCheckAnswer, invariantProofAnswer, invariantsAnswer } from '@farthing/contract';
import type { Check } from '../../rollups/watch-store.ts';
import { endpoint } from '../endpoint.ts';

/** How long a request waits for the proof it started. */
const WAIT_MS = 25_000;

const body = ({ difference, ...check }: Check): InvariantCheckAnswer => ({
  ...check,
  difference:
    difference === null
      ? null
      : {
          tenant: difference.tenant,
          table: difference.table,
          bucket: difference.bucket,
          dimension: difference.dimension,
          row: difference.row,
          columns: difference.columns,
          different: difference.different,
        },
});

/** `GET`. */
export const getInvariants = endpoint({
  access: 'instance:manage',
  summary: 'Whether the ledger’s invariants held when they were last proved.',
  tags: ['operations'],
  answer: invariantsAnswer,
  examples: [{ name: 'ask' }],
  async handle({ context }) {
    return { invariants: (await context.watch.last()).map(body) };
  },
});

/** `POST /check`. */
export const checkInvariants = endpoint({
  access: 'instance:manage',
  summary: 'Proves the invariants now.',
  description: `Waits up to ${WAIT_MS / 1000} seconds; a proof that takes longer goes on, and \`finished\` is false.`,
  tags: ['operations'],
  answer: invariantProofAnswer,
  examples: [{ name: 'now' }],
  async handle({ context }) {
    const late = new AbortController();
    const found = await Promise.race([
      context.watch.check(),
      sleep(WAIT_MS, null, { signal: late.signal }).catch(() => null),
    ]);
    late.abort();
    return {
      finished: found !== null,
      invariants: (found ?? (await context.watch.last())).map(body),
    };
  },
});
