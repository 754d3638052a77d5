/** `explanation_patterns`: patterns are written down at first sight, by content, and stay. */
import type { Tx } from '../../db/database.ts';
import type { Pattern } from './pattern.ts';

/**
 * Inserts the missing patterns, so that events written afterwards find all of theirs. Patterns are sorted, so that two
 * writers never deadlock. In the lock order they come after the ids and before the events.
 */
export async function registerPatterns(tx: Tx, patterns: Iterable<Pattern>): Promise<void> {
  const sorted = [...new Map([...patterns].map((one) => [one.hash, one])).values()].sort((a, b) =>
    a.hash < b.hash ? -1 : 1,
  );
  if (sorted.length === 0) return;
  await tx.query(
    {
      name: 'register_patterns',
      // Existing patterns are filtered out first: an identity column counts every attempt.
      text: `insert into explanation_patterns (hash, body, product_of, product_rates, product_pers, price_version)
             select p.hash, p.body, p.product_of::int[], p.product_rates::numeric[], p.product_pers::numeric[], p.price_version
               from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
                    as p (hash, body, product_of, product_rates, product_pers, price_version)
              where not exists (select from explanation_patterns known where known.hash = p.hash)
             on conflict do nothing`,
    },
    [
      sorted.map(({ hash }) => hash),
      sorted.map(({ body }) => body),
      sorted.map(({ products }) => `{${products.map(({ of }) => of).join(',')}}`),
      sorted.map(({ products }) => `{${products.map(({ rate }) => rate).join(',')}}`),
      sorted.map(({ products }) => `{${products.map(({ per }) => per).join(',')}}`),
      sorted.map(({ priceVersion }) => priceVersion),
    ],
  );
}
