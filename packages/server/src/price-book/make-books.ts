/**
 * The books in force: tenants' overrides over own cards over `COST_PRICING_OVERRIDES` over the installed book and its
 * refreshes.
 */
import { createHash } from 'node:crypto';
import {
  type BookData,
  createPriceBook,
  expandCard,
  overrideBook,
  type PriceBook,
  type Provenance,
  type ProviderData,
  type RateCard,
  type RateData,
  stackBooks,
} from '@farthing/pricing';
import { aliasedBook } from './aliases.ts';
import type { PriceBooks } from './installed-book.ts';
import { type OverrideTerms, type TenantOverride, tenantBook } from './overrides/tenant-overrides.ts';
import type { OverrideRow, OwnCardRow, PriceRows } from './price-rows.ts';

/** One state of all books. */
export interface BookGeneration extends PriceBooks {
  /** Names the prices in force for everyone, overrides included: equal text, equal prices. */
  readonly fingerprint: string;
  /** The cards of this generation alone, so that generations do not hold each other. */
  readonly cardOf: CardOf;
}

type CardOf = (tenant: string, id: string) => RateCard | null;

/** The layers below the prices of the database. */
export interface InstalledPrices {
  /** The compiled book of this release; a refresh replaces models of it. */
  readonly data: BookData;
  /** `COST_PRICING_OVERRIDES`; null = none. */
  readonly over: PriceBook | null;
}

/** The installed book with its refreshes, and what the environment lays over it. */
export interface BaseBook {
  readonly data: BookData;
  readonly book: PriceBook;
}

/**
 * Builds the layers below own prices.
 *
 * @example const base = baseBook({ data: installedData, over: null }, installedData);
 */
export function baseBook(installed: InstalledPrices, data: BookData): BaseBook {
  const book = createPriceBook(data);
  const { over } = installed;
  return { data, book: over === null ? book : stackBooks(`${book.version}+${over.version}`, [over, book]) };
}

/**
 * Makes the books of the rows. Throws where a row is no price: then no book of them is in force. Cards of `previous`
 * are still found by id: an event rated just before a change is written just after it, and its card with it.
 *
 * @example const books = makeBooks(base, await readPrices(tx));
 */
export function makeBooks(base: BaseBook, rows: PriceRows, previous: CardOf = () => null): BookGeneration {
  const { list, tenants, cardOf } = booksOf(base, rows);
  const remembering = (book: PriceBook, tenant: string): PriceBook => ({
    ...book,
    card: (id) => cardOf(tenant, id) ?? previous(tenant, id),
  });
  const listed = remembering(list, '');
  const remembered = new Map([...tenants].map(([tenant, book]) => [tenant, remembering(book, tenant)]));
  return {
    fingerprint: list.version,
    cardOf,
    forList: () => listed,
    forTenant: (tenant) => remembered.get(tenant) ?? listed,
  };
}

function booksOf({ data, book: base }: BaseBook, rows: PriceRows) {
  const count = rows.cards.length + rows.aliases.length + rows.overrides.length;
  const hash = sha256(JSON.stringify(rows)).slice(0, 8);
  const version = count === 0 ? base.version : `${base.version}+own@${hash}`;
  const list = listBook(base, rows, data.providers, version);
  const overrides = new Map<string, TenantOverride[]>();
  for (const row of rows.overrides) {
    overrides.set(row.tenant, [...(overrides.get(row.tenant) ?? []), overrideOf(row)]);
  }
  const tenants = new Map([...overrides].map(([tenant, own]) => [tenant, tenantBook(list, own)]));
  const cardOf: CardOf = (tenant, id) => (tenants.get(tenant) ?? list).card(id);
  return { list, tenants, cardOf };
}

function listBook(
  base: PriceBook,
  { cards, aliases }: PriceRows,
  known: readonly ProviderData[],
  version: string,
): PriceBook {
  const layers = [base];
  if (cards.length > 0) {
    const provenance = (position: number) => cards[position]?.provenance;
    const date = dateOf(cards);
    layers.unshift(overrideBook(cards.map(cardFields), { version, date, sha256, provenance, known }));
  }
  return aliasedBook(
    stackBooks(version, layers),
    aliases.map((row) => ({ ...row, from: instant(row.valid_from), to: instant(row.valid_to) })),
  );
}

/** The content of a card, without its storage fields. */
export type CardFacts = Pick<
  OwnCardRow,
  | 'provider'
  | 'model'
  | 'tier'
  | 'speed'
  | 'region'
  | 'valid_from'
  | 'valid_to'
  | 'time_of_day'
  | 'rates'
  | 'unpriced'
>;

/** A row as the book's own data writes a card. */
export function cardFields(row: CardFacts): { readonly [key: string]: unknown } {
  return {
    provider: row.provider,
    model: row.model,
    tier: row.tier,
    speed: row.speed,
    ...(row.region === null ? {} : { region: row.region }),
    ...(row.valid_from === null ? {} : { from: row.valid_from }),
    ...(row.valid_to === null ? {} : { to: row.valid_to }),
    ...(row.time_of_day === null ? {} : { timeOfDay: row.time_of_day }),
    rates: row.rates,
    ...(row.unpriced === null ? {} : { unpriced: row.unpriced }),
  };
}

function overrideOf(row: OverrideRow): TenantOverride {
  return {
    id: row.id,
    terms: termsOf(row),
    provider: row.provider,
    model: row.model,
    tier: row.tier,
    from: instant(row.valid_from),
    to: instant(row.valid_to),
    date: row.created_at.slice(0, 10),
  };
}

function termsOf(row: OverrideRow): OverrideTerms {
  if (row.kind === 'percent') return { kind: 'percent', percent: row.percent ?? '0' };
  return { kind: row.kind, rates: expandRates(row.rates ?? {}) };
}

const UNSOURCED: readonly Provenance[] = [{ table: 'override', version: '', date: '' }];

/** Rates as a card holds them: text alone is per the usual unit of the meter. */
export function expandRates(rates: { readonly [meter: string]: RateData }): RateCard['rates'] {
  return expandCard({ id: '', rates }, '', '', UNSOURCED).rates;
}

const dateOf = (rows: readonly OwnCardRow[]) => rows[0]?.created_at.slice(0, 10) ?? '';
const instant = (text: string | null) => (text === null ? null : Date.parse(text));
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
