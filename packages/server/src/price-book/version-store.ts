/** Versions of the prices in the database: the changes of one refresh or import. */
import type { Provenance } from '@farthing/pricing';
import type { Tx } from '../db/database.ts';
import { audit } from '../tenants/audit/write-audit.ts';
import type { OwnCardRow } from './price-rows.ts';
import { modelKey, type ProviderHead, type Refresh, type RefreshedModel } from './refresh/refreshed-data.ts';
import { addCards } from './store.ts';

/**
 * One refresh at a time, one import at a time, across processes: a second one sees the result of the first. Only the
 * server's roles may lock this table; readers do not wait.
 */
export async function oneAtATime(tx: Tx): Promise<void> {
  await tx.query('lock table price_versions in share row exclusive mode');
}

export interface VersionCounts {
  readonly added: number;
  readonly changed: number;
  readonly vanished: number;
  readonly unchanged: number;
}

/** A version as it is listed. */
export interface PriceVersion extends VersionCounts {
  readonly id: string;
  readonly kind: 'refresh' | 'import';
  /** The table. */
  readonly source: string;
  /** Of a refresh: the book that the table compiled to. */
  readonly book: string | null;
  /** Kinds of suspicious changes that were confirmed. */
  readonly confirmed: readonly string[];
  readonly created_at: string;
  readonly created_by: string;
  readonly removed_at: string | null;
  readonly removed_by: string | null;
}

export interface NewVersion extends VersionCounts {
  readonly kind: PriceVersion['kind'];
  readonly source: string;
  readonly book: string | null;
  readonly confirmed: readonly string[];
  readonly actor: string;
  readonly refreshed: {
    readonly sources: readonly Provenance[];
    readonly providers: readonly ProviderHead[];
    readonly models: readonly RefreshedModel[];
  } | null;
}

/** Opens a version and, of a refresh, writes its models. Answers its id. */
export async function addVersion(tx: Tx, version: NewVersion): Promise<string> {
  const { kind, source, book, added, changed, vanished, unchanged, confirmed, actor, refreshed } = version;
  const { rows } = await tx.query<{ id: string }>(
    `insert into price_versions (kind, source, book, added, changed, vanished, unchanged, confirmed, cards_sources,
                                 providers, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning id::text`,
    [
      ...[kind, source, book, added, changed, vanished, unchanged, [...confirmed]],
      ...[JSON.stringify(refreshed?.sources ?? []), JSON.stringify(refreshed?.providers ?? []), actor],
    ],
  );
  const id = rows[0]?.id ?? '';
  const models = refreshed?.models ?? [];
  if (models.length > 0) {
    await tx.query(
      `insert into price_version_models (version_id, position, provider, model, precedes, data)
       select $1, m.position, m.provider, m.model, m.precedes, m.data
         from unnest($2::text[], $3::text[], $4::text[], $5::jsonb[]) with ordinality
                as m(provider, model, precedes, data, position)`,
      [
        id,
        models.map((one) => one.provider),
        models.map((one) => modelKey(one.data)),
        models.map((one) => one.precedes),
        models.map((one) => JSON.stringify({ ...one.data, precedes: one.precedes })),
      ],
    );
  }
  const counts = { added, changed, vanished, unchanged };
  const details = { id, source, book, ...counts, confirmed: confirmed.join(', ') };
  await audit(tx, { actor, action: `prices.${kind}`, tenantId: null, details });
  return id;
}

/** Newest first, at most 200, those taken back too. */
export async function listVersions(tx: Tx): Promise<readonly PriceVersion[]> {
  const utc = (column: string) =>
    `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ${column}`;
  const { rows } = await tx.query<PriceVersion>(
    `select id::text, kind, source, book, added, changed, vanished, unchanged, confirmed, ${utc('created_at')},
            created_by, ${utc('removed_at')}, removed_by
       from price_versions order by price_versions.id desc limit 200`,
  );
  return rows;
}

/** The changes of the refreshes with these ids, in order. */
export async function readRefreshes(tx: Tx, ids: readonly string[]): Promise<readonly Refresh[]> {
  if (ids.length === 0) return [];
  const versions = await tx.query<{
    id: string;
    book: string;
    cards_sources: readonly Provenance[];
    providers: readonly ProviderHead[];
  }>(
    `select id::text, coalesce(book, '') as book, cards_sources, providers from price_versions
      where id = any($1::bigint[]) order by price_versions.id`,
    [[...ids]],
  );
  const models = await tx.query<{
    version_id: string;
    provider: string;
    data: RefreshedModel['data'] & { readonly precedes: string | null };
  }>(
    `select version_id::text, provider, data from price_version_models where version_id = any($1::bigint[])
      order by version_id, position`,
    [[...ids]],
  );
  return versions.rows.map(({ id, book, cards_sources: sources, providers }) => ({
    ...{ id, book, sources, providers },
    models: models.rows
      .filter((row) => row.version_id === id)
      .map(({ provider, data: { precedes, ...data } }) => ({ provider, data, precedes })),
  }));
}

/**
 * Withdraws a version: its prices leave every book, and prices that an import had withdrawn are in force again. False
 * if there is no such version or it is already withdrawn.
 */
export async function removeVersion(tx: Tx, id: string, actor: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    'update price_versions set removed_at = now(), removed_by = $2 where id = $1 and removed_at is null',
    [id, actor],
  );
  if (rowCount === 0) return false;
  const cards = await tx.query(
    `update own_price_cards set removed_at = now(), removed_by = $2 where version_id = $1 and removed_at is null`,
    [id, actor],
  );
  // Rows are ended, never changed: a restored price is a new row.
  const back = await tx.query<OwnCardRow>(
    `select provider, model, tier, speed, region, valid_from, valid_to, time_of_day, rates, unpriced, provenance,
            version_id::text
       from own_price_cards c
      where removed_version = $1 and not exists (select 1 from price_versions v
                                                  where v.id = c.version_id and v.removed_at is not null)
      order by id`,
    [id],
  );
  for (const row of back.rows) await addCards(tx, [row], actor, row.version_id);
  const details = { id, cards: cards.rowCount, restored: back.rows.length };
  await audit(tx, { actor, action: 'prices.version_remove', tenantId: null, details });
  return true;
}
