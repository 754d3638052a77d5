/** What the exports have in common: their forms, and how a table becomes a download. */
import { z } from 'zod';
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
export const formOf = ({ format, text }: { readonly format: 'csv' | 'ndjson'; readonly text: TextForm }) => ({
  format,
  text,
});

/** What the reference says of every export. */
export const STREAMED =
  'The file is made while it is sent, and compressed for who accepts gzip. Where something fails on the way the connection breaks off without its end (a chunked body without its last chunk): what came is not the whole.';
