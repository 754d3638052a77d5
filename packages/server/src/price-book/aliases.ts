/** Aliases of a model during an interval. */
import { canonicalProvider, type PriceBook, type PriceQuery } from '@farthing/pricing';

/** Times are Unix milliseconds, [from, to); null = open. */
export interface DatedAlias {
  readonly provider: string;
  readonly alias: string;
  readonly model: string;
  readonly from: number | null;
  readonly to: number | null;
}

/**
 * The book with more names: an alias in force at the time of the call wins over what the book makes of the name.
 * Aliases are not followed twice, so that two of them cannot run in a circle.
 */
export function aliasedBook(book: PriceBook, aliases: readonly DatedAlias[]): PriceBook {
  if (aliases.length === 0) return book;
  const byName = new Map<string, DatedAlias[]>();
  for (const alias of aliases) {
    const key = nameKey(alias.provider, alias.alias);
    byName.set(key, [...(byName.get(key) ?? []), alias]);
  }
  const resolve = (query: PriceQuery): PriceQuery => {
    for (const alias of byName.get(nameKey(query.provider, query.model)) ?? []) {
      if (isInForce(alias, query.at)) return { ...query, model: alias.model };
    }
    return query;
  };
  return {
    version: book.version,
    lookup: (query) => book.lookup(resolve(query)),
    find: (query) => book.find(resolve(query)),
    card: (id) => book.card(id),
    cards: () => book.cards(),
  };
}

/** True where `at` (Unix milliseconds) lies in [from, to). */
export function isInForce(
  { from, to }: { readonly from: number | null; readonly to: number | null },
  at: number,
): boolean {
  return (from === null || from <= at) && (to === null || at < to);
}

const nameKey = (provider: string, name: string) =>
  `${canonicalProvider(provider)}\0${name.trim().toLowerCase()}`;
