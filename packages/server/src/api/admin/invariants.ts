/** `/api/admin/invariants`: what the watch over the ledger has found. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { WATCHED } from '../../rollups/invariants.ts';
import type { Check } from '../../rollups/watch-store.ts';
import { endpoint } from '../endpoint.ts';
import { count, instant } from '../schemas.ts';

/** A caller who asks for a proof waits so long for its end. */
const WAIT_MS = 25_000;

const differenceAnswer = z
  .object({
    tenant: z.string(),
    table: z.enum(['rollups_15m', 'rollups_day', 'usage_events']),
    bucket: z.string().meta({ description: 'Quarter hour, local day, or time of the event.' }),
    dimension: z.string().nullable(),
    row: z.string().meta({
      description: 'Value, provider, model and operation of a row of sums; or the id of the event.',
    }),
    columns: z.array(z.object({ column: z.string(), expected: z.string(), found: z.string() })),
    different: count.meta({ description: 'Rows that differ in the same day.' }),
  })
  .meta({ id: 'InvariantDifference', description: 'The first place where an invariant does not hold.' });

const checkAnswer = z
  .object({
    invariant: z.enum(WATCHED),
    ok: z.boolean(),
    checked_at: instant,
    broken_since: instant.nullable(),
    duration_ms: z.number(),
    covered: z.object({
      recent_days: count.meta({ description: 'Days of the last 48 hours, over all tenants.' }),
      recent_days_of: count.meta({ description: 'How many there are.' }),
      sampled_days: count.meta({ description: 'Earlier days, drawn at random.' }),
      days_without_events: count.meta({ description: 'Of both, days below a watermark.' }),
      compared: count.meta({ description: 'Rows of sums, or events, that were looked at.' }),
      skipped_days: count.meta({ description: 'Days given up because they took too long at once.' }),
    }),
    difference: differenceAnswer.nullable(),
  })
  .meta({
    id: 'InvariantCheck',
    description:
      'I3: sums equal events, to the picodollar. I8: a charge equals its lines, quantities are not negative.',
  });

const body = ({ difference, ...check }: Check) => ({
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
  answer: z.object({ invariants: z.array(checkAnswer) }),
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
  answer: z.object({ finished: z.boolean(), invariants: z.array(checkAnswer) }),
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
