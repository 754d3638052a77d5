/** Compiles a price book: a public table of prices with our own price facts laid over it. Pure. */
import { createHash } from 'node:crypto';
import type { BookData, Provenance } from '@farthing/pricing';
import type { Provider } from '@pydantic/genai-prices';
import { convertTable, type RefusedModel, type TableReport } from './genai.ts';
import { mergeOwnPrices, type OwnPrices } from './own.ts';

/** A table with its version and the day it was published (or read, if that is unknown), `YYYY-MM-DD`. */
export interface PriceTable {
  readonly providers: readonly Provider[];
  readonly version: string;
  readonly date: string;
}

/** Name of the public table in every provenance. */
export const BASE_TABLE = 'genai-prices';

/**
 * The book of a table and our own files; the same input gives the same book. Throws on anything it does not know,
 * unless `refused` is given: then a model that cannot be read is put there and left out.
 *
 * Its version names table and dates, for people, and a hash of all of it: no two books have one name.
 *
 * @example compileTable({ providers, version: '0.1.8', date: '2026-09-23' }, readOwnPrices('prices'), report)
 */
export function compileTable(
  { providers: table, version, date }: PriceTable,
  own: readonly OwnPrices[],
  report: TableReport,
  refused?: RefusedModel[],
): BookData {
  const url = 'https://github.com/pydantic/genai-prices';
  const sources: Provenance[] = [{ table: BASE_TABLE, version, date, url }];
  const providers = mergeOwnPrices(convertTable(table, report, refused), own, sources);
  const ownDate = own
    .map((file) => file.source.date)
    .sort()
    .at(-1);
  const content = createHash('sha256').update(JSON.stringify({ sources, providers })).digest('hex');
  const named = `${BASE_TABLE}@${version}${ownDate === undefined ? '' : `+farthing@${ownDate}`}`;
  return { version: `${named}+${content.slice(0, 8)}`, sources, providers };
}
