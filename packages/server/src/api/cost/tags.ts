/** `GET /api/cost/tags?key=team`: what each value of a tag costs. */
import { z } from 'zod';
import { dimensionInput } from '../../costs/cost-query.ts';
import { parseParameters } from '../../http/bodies/parse.ts';
import { endpoint } from '../endpoint.ts';
import { tagFilters } from '../query-parameters.ts';
import {
  breakdownAnswer,
  breakdownFrame,
  breakdownQuery,
  dimensionValue,
  entryValue,
  readBreakdown,
  shareFigures,
} from './breakdown.ts';

const key = z
  .string()
  .min(1)
  .max(256)
  .regex(/^\P{Cc}+$/u, 'must not contain control characters')
  .meta({ description: 'The tag, such as `team`.' });

export const listTagCosts = endpoint({
  access: 'usage:read',
  summary: 'What each value of a tag costs.',
  description:
    'This month up to today where no range is given. The null value holds the calls without the tag, so that a call with several tags counts once: entries and `other` are the total.',
  tags: ['costs'],
  etag: true,
  query: z.strictObject({ key, ...breakdownQuery }),
  queryTags: tagFilters,
  answer: breakdownAnswer('tags', { value: dimensionValue }),
  examples: [
    { name: 'by team', query: { key: 'team' } },
    { name: 'by team, of one user', query: { key: 'team', user: 'u-1' } },
  ],
  async handle({ context, identity, query: { key: tag, ...query }, queryTags }) {
    const dimension = parseParameters(dimensionInput, `tag.${tag}`);
    const summary = await readBreakdown(context, { identity, query, queryTags }, [dimension]);
    const tags = summary.groups.map((group) => ({ value: entryValue(group), ...shareFigures(group) }));
    return { ...breakdownFrame(summary), tags };
  },
});
