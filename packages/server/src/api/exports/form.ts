/** Common to the exports: their formats, and the step from a table to a download. */
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { KeptRange } from '../../exports/past-retention.ts';
import { FORMATS, MEDIA_TYPES, type TextForm } from '../../exports/table.ts';
import { stream } from '../answer-kinds.ts';

/** As CSV or as NDJSON. */
export const tableAnswer = stream(MEDIA_TYPES.csv, MEDIA_TYPES.ndjson);

export const textParameter = z.enum(['safe', 'exact']).default('safe').meta({
  description:
    'Of CSV: `safe` puts an apostrophe before a text that a spreadsheet would take for a formula, `exact` leaves every text as it is, for programs.',
});

export const formParameters = {
  format: z.enum(FORMATS).default('csv'),
  text: textParameter,
};

/** The form asked for, as `printTable` takes it. */
export const tableFormOf = ({
  format,
  text,
}: {
  readonly format: 'csv' | 'ndjson';
  readonly text: TextForm;
}) => ({
  format,
  text,
});

/** Text of the reference that all exports share. */
export const STREAMED =
  'The file is made while it is sent, and compressed for who accepts gzip. Where something fails on the way the connection breaks off without its end (a chunked body without its last chunk): what came is not the whole.';

/** Text of the reference about the default range. */
export const CUT =
  'Without `from`, a range that reaches behind what is kept begins with the first day that is, which the header `x-farthing-kept-from` then names; a `from` behind it is refused.';

/** Says in the answer that its range was cut to what is kept. */
export function tellCut(reply: FastifyReply, { keptFrom }: KeptRange): void {
  if (keptFrom !== null) reply.header('x-farthing-kept-from', keptFrom);
}
