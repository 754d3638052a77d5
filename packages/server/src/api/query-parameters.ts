/** Query parameters that several reading routes take. */
import { z } from 'zod';
import type { filtersInput } from '../costs/cost-query.ts';
import { TAG } from '../http/bodies/parse.ts';
import { DIMENSIONS } from '../ledger/dimensions.ts';
import { tenantInput } from '../parameters/tenant.ts';
import { pointInTimeInput, timeZoneInput } from '../parameters/time-range.ts';

/** Parameters for tenant, range and time zone. */
export const rangeParameters = {
  tenant: tenantInput
    .optional()
    .meta({ description: 'For an administrator: one tenant instead of all. Others may name their own.' }),
  from: pointInTimeInput
    .optional()
    .meta({ description: 'RFC 3339, or a plain date: from the beginning of that day in the zone.' }),
  to: pointInTimeInput
    .optional()
    .meta({ description: 'RFC 3339, exclusive, or a plain date: up to the end of that day in the zone.' }),
  timezone: timeZoneInput.optional().meta({
    description: "An IANA zone. Without it the tenant's reporting zone, UTC over tenants of several zones.",
  }),
};

/** A whole number written as a parameter. */
export const integerParameter = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .pipe(z.int().min(min).max(max))
    // What the reference shows; on the wire it is text.
    .meta({ type: 'integer', minimum: min, maximum: max, pattern: undefined });

/** Dimensions to filter by; the tenant has a parameter of its own. */
export const FILTER_DIMENSIONS = DIMENSIONS.map(({ name }) => name);

const oneOrMore = z
  .union([z.string(), z.array(z.string())])
  .meta({ id: 'FilterValues', description: 'Given twice: either value. Empty: those without a value.' })
  .optional();

/** `?model=a&model=b&agent=x`: the values of a dimension are joined by "or", dimensions by "and". */
export const filterParameters = Object.fromEntries(
  FILTER_DIMENSIONS.map((dimension) => [dimension, oneOrMore]),
) as { readonly [D in (typeof FILTER_DIMENSIONS)[number]]: typeof oneOrMore };

/** `tag.<key>` as a filter: one value or several. */
export const tagFilters = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

/** The filters among parsed parameters and tags, in the form `CostQuery` takes. */
export function toFilters(
  parameters: { readonly [D in (typeof FILTER_DIMENSIONS)[number]]?: string | string[] | undefined },
  tags: z.output<typeof tagFilters>,
): z.input<typeof filtersInput> {
  const filters: { [dimension: string]: string[] } = {};
  for (const dimension of FILTER_DIMENSIONS) {
    const wanted = parameters[dimension];
    if (wanted !== undefined) filters[dimension] = [wanted].flat();
  }
  for (const [key, wanted] of Object.entries(tags)) filters[`${TAG}${key}`] = [wanted].flat();
  return filters;
}
