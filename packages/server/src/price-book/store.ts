/** Reads and writes own prices. Every change is in the audit log; a trigger notifies every process. */
import type { Tx } from '../db/database.ts';
import { audit } from '../tenants/audit/write-audit.ts';
import type { CardFacts } from './make-books.ts';
import type { AliasRow, OverrideRow, OwnCardRow, PriceRows } from './price-rows.ts';

const utc = (column: string) =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ${column}`;
const HISTORY = `id::text, ${['valid_from', 'valid_to', 'created_at', 'removed_at'].map(utc).join(', ')},
  created_by, removed_by`;

/** The rows in the book, as operator. With `removed` also those that were taken back. */
export async function readPrices(tx: Tx, options: { readonly removed?: boolean } = {}): Promise<PriceRows> {
  const which = options.removed === true ? 'true' : 'removed_at is null';
  const cards = await tx.query<OwnCardRow>(
    `select ${HISTORY}, provider, model, tier, speed, region, time_of_day, rates, unpriced, version_id::text, provenance
       from own_price_cards where ${which} order by own_price_cards.id desc`,
  );
  const aliases = await tx.query<AliasRow>(
    `select ${HISTORY}, provider, alias, model from price_aliases where ${which} order by price_aliases.id desc`,
  );
  const overrides = await tx.query<OverrideRow>(
    `select ${HISTORY}, tenant_id as tenant, kind, provider, model, tier, percent, rates, note
       from price_overrides where ${which} order by price_overrides.id desc`,
  );
  const refreshes = await tx.query<{ id: string }>(
    "select id::text from price_versions where kind = 'refresh' and removed_at is null order by price_versions.id",
  );
  return {
    cards: cards.rows,
    aliases: aliases.rows,
    overrides: overrides.rows,
    refreshes: refreshes.rows.map((row) => row.id),
  };
}

export type NewCard = CardFacts & Pick<OwnCardRow, 'provenance'>;
export type NewAlias = Pick<AliasRow, 'provider' | 'alias' | 'model' | 'valid_from' | 'valid_to'>;
export type NewOverride = Omit<OverrideRow, 'id' | 'created_at' | 'created_by' | 'removed_at' | 'removed_by'>;

/** Appends cards, of an import or by themselves; the newest wins where several apply. Answers their ids. */
export async function addCards(
  tx: Tx,
  cards: readonly NewCard[],
  actor: string,
  version: string | null = null,
): Promise<string[]> {
  const ids: string[] = [];
  for (const card of cards) {
    const { rows } = await tx.query<{ id: string }>(
      `insert into own_price_cards (provider, model, tier, speed, region, valid_from, valid_to, time_of_day, rates,
                                    unpriced, provenance, version_id, created_by)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) returning id::text`,
      [
        card.provider,
        card.model,
        card.tier,
        card.speed,
        card.region,
        card.valid_from,
        card.valid_to,
        card.time_of_day === null ? null : JSON.stringify(card.time_of_day),
        JSON.stringify(card.rates),
        card.unpriced === null ? null : [...card.unpriced],
        JSON.stringify(card.provenance),
        version,
        actor,
      ],
    );
    const id = rows[0]?.id ?? '';
    ids.push(id);
    const { provider, model, tier } = card;
    const details = { id, provider, model, tier, rates: JSON.stringify(card.rates) };
    await audit(tx, { actor, action: 'price_card.add', tenantId: null, details });
  }
  return ids;
}

export async function addAlias(tx: Tx, alias: NewAlias, actor: string): Promise<string> {
  const { provider, alias: name, model } = alias;
  const { rows } = await tx.query<{ id: string }>(
    `insert into price_aliases (provider, alias, model, valid_from, valid_to, created_by)
     values ($1, $2, $3, $4, $5, $6) returning id::text`,
    [provider, name, model, alias.valid_from, alias.valid_to, actor],
  );
  const id = rows[0]?.id ?? '';
  await audit(tx, {
    actor,
    action: 'price_alias.add',
    tenantId: null,
    details: { id, provider, alias: name, model },
  });
  return id;
}

export async function addOverride(tx: Tx, override: NewOverride, actor: string): Promise<string> {
  const { tenant, kind, provider, model, tier, percent, note } = override;
  const priced = override.rates === null ? null : JSON.stringify(override.rates);
  const { rows } = await tx.query<{ id: string }>(
    `insert into price_overrides
       (tenant_id, kind, provider, model, tier, percent, rates, note, valid_from, valid_to, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning id::text`,
    [
      tenant,
      kind,
      provider,
      model,
      tier,
      percent,
      priced,
      note,
      override.valid_from,
      override.valid_to,
      actor,
    ],
  );
  const id = rows[0]?.id ?? '';
  await audit(tx, {
    actor,
    action: 'price_override.add',
    tenantId: tenant,
    details: { id, kind, provider, model, tier, percent, rates: priced },
  });
  return id;
}

const TABLES = { card: 'own_price_cards', alias: 'price_aliases', override: 'price_overrides' } as const;
export type PriceKind = keyof typeof TABLES;

/**
 * Takes a row back: from now on it is part of no book. False where there is none such. `version` is the import in which
 * a card vanished, so that it comes back with it.
 */
export async function removePrice(
  tx: Tx,
  kind: PriceKind,
  id: string,
  actor: string,
  version: string | null = null,
): Promise<boolean> {
  const tenant = kind === 'override' ? 'tenant_id' : 'null::text';
  const { rows } = await tx.query<{ tenant_id: string | null }>(
    `update ${TABLES[kind]} set removed_at = now(), removed_by = $2 ${version === null ? '' : ', removed_version = $3'}
      where id = $1 and removed_at is null returning ${tenant} as tenant_id`,
    version === null ? [id, actor] : [id, actor, version],
  );
  const [row] = rows;
  if (row === undefined) return false;
  await audit(tx, { actor, action: `price_${kind}.remove`, tenantId: row.tenant_id, details: { id } });
  return true;
}
