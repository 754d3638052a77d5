/** The price cards that lines of charges name. */
import type { RateCard } from '@farthing/pricing';
import type { Tx } from '../../db/database.ts';

/** The cards that lines name, as they were then. */
export async function readCards(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, RateCard>> {
  if (ids.length === 0) return new Map();
  const { rows } = await tx.query<{ id: string; card: RateCard }>(
    'select id, card from price_cards where id = any($1::text[])',
    [[...ids]],
  );
  return new Map(rows.map(({ id, card }) => [id, card]));
}

/** Cards on which any price is cut at the quantity itself. */
export async function marginalCards(tx: Tx): Promise<readonly string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select id from price_cards where card @? '$.rates.*.mode ? (@ == "marginal")'`,
  );
  return rows.map(({ id }) => id);
}
