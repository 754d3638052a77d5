/** `/api/admin/prices/versions`: what refreshes and imports changed. */
import { z } from 'zod';
import { count, instantText } from '../values.ts';
import { bookStatusFields } from './book.ts';

/** A version of the prices kept in the database. */
const priceVersion = z
  .object({
    id: z.string(),
    kind: z.enum(['refresh', 'import']),
    source: z.string(),
    book: z.string().nullable().meta({ description: 'Of a refresh: the book that the table compiled to.' }),
    added: count,
    changed: count,
    vanished: count,
    unchanged: count,
    confirmed: z.array(z.string()).meta({ description: 'Kinds of doubtful changes that were confirmed.' }),
    created_at: instantText,
    created_by: z.string(),
    removed_at: instantText.nullable(),
    removed_by: z.string().nullable(),
  })
  .meta({ id: 'PriceVersion', description: 'What a refresh or an import changed at one moment.' });

export const priceVersionsAnswer = z.object({ ...bookStatusFields, versions: z.array(priceVersion) });

export const removedVersionAnswer = z.object({ id: z.string(), ...bookStatusFields });
