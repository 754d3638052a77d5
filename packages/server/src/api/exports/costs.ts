/** `GET /api/exports/costs`: sums by bucket and group as CSV or NDJSON. */
import { z } from 'zod';
import { BUCKETS, MAX_BUCKETS } from '../../clock/buckets.ts';
import { dimensionInput, filtersInput, MAX_GROUP_BY, MAX_GROUPS } from '../../costs/cost-query.ts';
import { MEASURES, STANDARD_MEASURES } from '../../costs/measures.ts';
import { costColumns } from '../../exports/cost-columns.ts';
import { exportCosts } from '../../exports/export-costs.ts';
import { fileName } from '../../exports/export-range.ts';
import { MEDIA_TYPES, printTable } from '../../exports/table.ts';
import { parseParameters } from '../../http/bodies/parse.ts';
import { readableTenant } from '../../http/callers/access.ts';
import { endpoint } from '../endpoint.ts';
import {
  filterParameters,
  integerParameter,
  rangeParameters,
  tagFilters,
  toFilters,
} from '../query-parameters.ts';
import { CUT, formParameters, STREAMED, tableAnswer, tableFormOf, tellCut } from './form.ts';

/** Names with commas between. */
const names = z
  .string()
  .max(1100)
  .transform((text) => text.split(','));
const once = (list: readonly string[]) => new Set(list).size === list.length;

export const exportCostFile = endpoint({
  access: 'usage:read',
  summary: 'Sums by bucket and group as a file, CSV or NDJSON.',
  description: `This month where no range is given; at most ${MAX_BUCKETS} buckets. In each bucket the dearest groups come first; what lies below the limit is one row without values that says how many groups it sums, so that the rows of a bucket sum to its total. ${CUT} ${STREAMED}`,
  tags: ['exports'],
  duration: 'long',
  query: z.strictObject({
    ...formParameters,
    ...rangeParameters,
    ...filterParameters,
    group_by: names
      .pipe(z.array(dimensionInput).max(MAX_GROUP_BY).refine(once, 'names a dimension twice'))
      .default(['model'])
      .meta({ description: 'One dimension, or several with commas between; `model` where absent.' }),
    bucket: z.enum(BUCKETS).optional().meta({ description: 'Absent: the whole range as one.' }),
    measures: names
      .pipe(z.array(z.enum(MEASURES)).refine(once, 'names a measure twice'))
      .default([...STANDARD_MEASURES])
      .meta({
        description: `With commas between, of ${MEASURES.join(', ')}; all but the latency where absent.`,
      }),
    limit: integerParameter(1, MAX_GROUPS)
      .default(MAX_GROUPS)
      .meta({ description: 'Groups named in a bucket.' }),
  }),
  queryTags: tagFilters,
  answer: tableAnswer,
  errors: ['unknown_tenant', 'overloaded'],
  examples: [
    { name: 'this month by model' },
    {
      name: 'a week by day, agent and model',
      query: { bucket: 'day', group_by: 'agent,model', from: '2026-11-16', to: '2026-11-22' },
    },
    {
      name: 'what one team costs and how long it waits, one JSON object a line',
      query: { format: 'ndjson', group_by: 'workflow', measures: 'cost,requests,latency_p95' },
      queryTags: { team: 'search' },
    },
  ],
  async handle({ context, identity, query, queryTags, reply }) {
    const { format, text, from, to, timezone, limit, measures, group_by: groupBy, bucket = null } = query;
    const filters = parseParameters(filtersInput, toFilters(query, queryTags));
    const tenant = readableTenant(identity, query.tenant);
    const { db, exports } = context;
    const {
      range,
      timezone: zone,
      pages,
    } = await exportCosts(
      { db, read: exports.read, now: context.now() },
      { tenant, from, to, timezone, limit, measures, groupBy, bucket, filters },
    );
    const columns = costColumns(groupBy, measures);
    const content = await exports.open(printTable(columns, pages, tableFormOf({ format, text })));
    tellCut(reply, range);
    return {
      type: MEDIA_TYPES[format],
      fileName: fileName('costs', { tenant, timezone: zone, ...range }, format),
      content,
    };
  },
});
