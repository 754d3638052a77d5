/** Adds a price: parses it, compares it with the price in force, and refuses it if it needs a confirmation. */
import { type AddPriceInput, AppError, type addPriceInput } from '@farthing/contract';
import { canonicalProvider } from '@farthing/pricing';
import type { z } from 'zod';
import type { AppContext } from '../../../context.ts';
import { UnconfirmedError, unconfirmed } from '../../../price-book/changes/confirmation.ts';
import { propose } from '../../../price-book/changes/price-changes.ts';
import { readOwnCards } from '../../../price-book/import/read-cards.ts';
import { addAlias, addCards, addOverride, type NewOverride, readPrices } from '../../../price-book/store.ts';
import { guarded } from './doubts.ts';

type Input = z.output<typeof addPriceInput>;
type Kind<K extends AddPriceInput['kind']> = Extract<Input, { readonly kind: K }>;

/**
 * Stores a card, an alias or an override, and answers its id.
 *
 * @throws AppError if it is invalid, or needs a confirmation that was not given
 */
export function storePrice(context: AppContext, input: Input, actor: string): Promise<string> {
  if (input.kind === 'card') return addCard(context, input, actor);
  if (input.kind === 'override') return override(context, input, actor);
  const { provider, alias, model } = input;
  return context.db.asOperator((tx) =>
    addAlias(tx, { provider: canonicalProvider(provider), alias, model, ...dates(input) }, actor),
  );
}

async function addCard(context: AppContext, input: Kind<'card'>, actor: string): Promise<string> {
  const { kind: _kind, url, confirm, from, to, ...card } = input;
  const date = new Date(context.now()).toISOString().slice(0, 10);
  const provenance = { table: 'own', version: actor, date, ...(url === undefined ? {} : { url }) };
  const { cards, unreadable } = readOwnCards({ ...card, ...utc({ from, to }) }, { provenance, from: null });
  const [wrong] = unreadable;
  if (wrong !== undefined) throw new AppError('invalid_body', `${wrong.meter ?? 'card'}: ${wrong.message}.`);
  const own = await context.db.asOperator((tx) => readPrices(tx));
  const proposal = propose(
    context.books.forList(),
    own.cards,
    { cards, unreadable, table: null },
    context.now(),
  );
  return guarded(async () => {
    const needs = unconfirmed(proposal.changes, confirm);
    if (Object.keys(needs).length > 0) throw new UnconfirmedError(proposal.changes, needs);
    const [id] = await context.db.asOperator((tx) => addCards(tx, cards, actor));
    return id ?? '';
  });
}

async function override(context: AppContext, input: Kind<'override'>, actor: string): Promise<string> {
  const { tenant, percent, note } = input;
  const terms = [input.percent, input.rates, input.fixed].filter((one) => one !== undefined);
  if (terms.length !== 1) throw new AppError('invalid_body', 'Give one of "percent", "rates" and "fixed".');
  if (percent !== undefined && Number(percent) < -100) {
    throw new AppError('invalid_body', 'percent: a discount cannot be more than 100 %.');
  }
  if (percent !== undefined && Number(percent) > 10_000) {
    throw new AppError('invalid_body', 'percent: a markup cannot be more than 10,000 %.');
  }
  const known = await context.tenants.listTenants();
  if (!known.some((one) => one.id === tenant))
    throw new AppError('not_found', `There is no tenant "${tenant}".`);
  const rates = input.rates ?? input.fixed ?? null;
  const kind = percent !== undefined ? 'percent' : input.rates !== undefined ? 'rates' : 'fixed';
  const row: NewOverride = {
    tenant,
    kind,
    provider: input.provider === undefined ? null : canonicalProvider(input.provider),
    model: input.model ?? null,
    // Negotiated prices are those of standard calls unless said otherwise; a discount is one on everything.
    tier: input.tier ?? (kind === 'rates' ? 'standard' : null),
    percent: percent ?? null,
    rates: rates === null ? null : checkedRates(rates),
    note: note ?? null,
    ...dates(input),
  };
  return context.db.asOperator((tx) => addOverride(tx, row, actor));
}

function checkedRates(rates: { readonly [meter: string]: unknown }): NonNullable<NewOverride['rates']> {
  const source = { provenance: { table: '', version: '', date: '' }, from: null };
  const { cards, unreadable } = readOwnCards({ provider: 'any', model: 'any', rates }, source);
  const [wrong] = unreadable;
  const [card] = cards;
  if (wrong !== undefined || card === undefined) {
    throw new AppError('invalid_body', `${wrong?.meter ?? 'rates'}: ${wrong?.message ?? 'name no price'}.`);
  }
  return card.rates;
}

const instant = (text: string) => new Date(text).toISOString();
const utc = ({ from, to }: { readonly from: string | undefined; readonly to: string | undefined }) => ({
  ...(from === undefined ? {} : { from: instant(from) }),
  ...(to === undefined ? {} : { to: instant(to) }),
});
const dates = ({ from, to }: { readonly from?: string | undefined; readonly to?: string | undefined }) => ({
  valid_from: from === undefined ? null : instant(from),
  valid_to: to === undefined ? null : instant(to),
});
