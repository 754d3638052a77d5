/** `POST /api/admin/prices`: adds a card, an alias, or what one tenant is charged instead. */
import { type AddPriceInput, AppError, addPriceInput } from '@farthing/contract';
import { canonicalProvider } from '@farthing/pricing';
import { z } from 'zod';
import type { AppContext } from '../../context.ts';
import { UnconfirmedError, unconfirmed } from '../../price-book/changes/confirmation.ts';
import { propose } from '../../price-book/changes/price-changes.ts';
import { readOwnCards } from '../../price-book/import/read-cards.ts';
import { addAlias, addCards, addOverride, type NewOverride, readPrices } from '../../price-book/store.ts';
import { endpoint } from '../endpoint.ts';
import { actorOf } from './bodies.ts';
import { bookStatusFields, priceKind } from './price-schemas.ts';
import { guarded } from './unconfirmed.ts';

type Input = z.output<typeof addPriceInput>;
type Kind<K extends AddPriceInput['kind']> = Extract<Input, { readonly kind: K }>;

export const addPrice = endpoint({
  access: 'instance:manage',
  summary: 'Adds a card, an alias, or what one tenant is charged instead.',
  description:
    'A price that is more than 50 % away from the one in force, that becomes 0 or is gone needs a yes: the refusal names it, and `"confirm": true` (or the kinds) gives it. A card may hold for some hours of the day (`timeOfDay`, UTC), within its dates.',
  tags: ['prices'],
  body: addPriceInput,
  status: 201,
  answer: z.object({ kind: priceKind, id: z.string(), ...bookStatusFields }),
  errors: ['not_found', 'conflict'],
  examples: [
    {
      name: 'a card of a model of your own',
      body: {
        kind: 'card',
        provider: 'openai',
        model: 'house-model-1',
        rates: { input_uncached: '1.25', output_text: '10' },
        from: '2026-11-01T00:00:00Z',
      },
    },
    { name: 'an alias', body: { kind: 'alias', provider: 'openai', alias: 'house', model: 'house-model-1' } },
    {
      name: 'a discount of one tenant',
      body: { kind: 'override', tenant: 'acme', provider: 'openai', percent: '-15', note: 'frame contract' },
    },
  ],
  async handle({ context, identity, body: input }) {
    if (
      input.from !== undefined &&
      input.to !== undefined &&
      Date.parse(input.from) >= Date.parse(input.to)
    ) {
      throw new AppError('invalid_body', '"from" must lie before "to".');
    }
    const id = await add(context, input, actorOf(identity));
    await context.books.reload();
    return { kind: input.kind, id, ...context.books.status() };
  },
});

function add(context: AppContext, input: Input, actor: string): Promise<string> {
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
