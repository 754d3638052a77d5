/** A tenant's prices instead of the list price: negotiated rates, a discount or markup, a fixed rate. */
import { createHash } from 'node:crypto';
import {
  type CardLookup,
  canonicalProvider,
  cardContent,
  METER_NAMES,
  type Meter,
  type PriceBook,
  type PriceQuery,
  parseDecimal,
  printDecimal,
  type Rate,
  type RateCard,
} from '@farthing/pricing';
import { isInForce } from '../aliases.ts';

/**
 * `percent`: every rate of the list card changed by so many per cent. `rates`: the named meters at these rates, all
 * others at list. `fixed`: the named meters at these rates and everything else free.
 */
export type OverrideTerms =
  | { readonly kind: 'percent'; readonly percent: string }
  | { readonly kind: 'rates' | 'fixed'; readonly rates: RateCard['rates'] };

export interface TenantOverride {
  readonly id: string;
  readonly terms: OverrideTerms;
  /** Null = every provider, model, tier. */
  readonly provider: string | null;
  readonly model: string | null;
  readonly tier: RateCard['tier'] | null;
  /** Unix milliseconds, [from, to); null = open. */
  readonly from: number | null;
  readonly to: number | null;
  /** Date on which it was agreed, `YYYY-MM-DD`: the provenance of its prices. */
  readonly date: string;
}

/** Table that the provenance of such cards names. */
export const TENANT_TABLE = 'tenant-override';

/**
 * The list book as one tenant sees it. Of several overrides that apply, one for a model wins over one for a provider
 * over one for everything; among equals the first of the list.
 *
 * @example tenantBook(list, [{ id: '1', terms: { kind: 'percent', percent: '-15' }, provider: 'openai', … }])
 */
export function tenantBook(list: PriceBook, overrides: readonly TenantOverride[]): PriceBook {
  if (overrides.length === 0) return list;
  const ordered = [...overrides].sort((a, b) => breadth(a) - breadth(b));
  const derived = new Map<TenantOverride, Map<RateCard | string, CardLookup>>();
  const byId = new Map<string, RateCard>();

  function lookup(query: PriceQuery): CardLookup {
    const found = list.lookup(query);
    const override = ordered.find((one) => applies(one, query, found.card));
    if (override === undefined) return found;
    if (found.card === null && override.terms.kind === 'percent') return found;
    const made = derived.get(override) ?? new Map<RateCard | string, CardLookup>();
    derived.set(override, made);
    const key = found.card ?? `${query.provider}\0${query.model}\0${query.tier}`;
    let answer = made.get(key);
    if (answer === undefined) {
      const card = derive(override, found.card, query);
      answer = { card, reason: null };
      if (made.size < MOST_DERIVED) made.set(key, answer);
      byId.set(card.id, card);
    }
    return answer;
  }
  const text = JSON.stringify(overrides.map(({ id, terms, from, to }) => [id, terms, from, to]));
  return {
    version: `${list.version}+tenant@${sha256(text).slice(0, 8)}`,
    lookup,
    find: (query) => lookup(query).card,
    card: (id) => byId.get(id) ?? list.card(id),
    cards: () => list.cards(),
  };
}

/** Names come from callers: a cache of derived cards for unknown ones must not fill the memory. */
const MOST_DERIVED = 20_000;

const breadth = ({ model, provider, tier }: TenantOverride) =>
  (model === null ? 4 : 0) + (provider === null ? 2 : 0) + (tier === null ? 1 : 0);

function applies(override: TenantOverride, query: PriceQuery, card: RateCard | null): boolean {
  if (!isInForce(override, query.at)) return false;
  if (override.tier !== null && override.tier !== query.tier) return false;
  if (
    override.provider !== null &&
    canonicalProvider(override.provider) !== canonicalProvider(query.provider)
  ) {
    return false;
  }
  if (override.model === null) return true;
  const wanted = override.model.toLowerCase();
  return query.model.trim().toLowerCase() === wanted || card?.model.toLowerCase() === wanted;
}

function derive(override: TenantOverride, base: RateCard | null, query: PriceQuery): RateCard {
  const { terms } = override;
  const card = {
    provider: base?.provider ?? canonicalProvider(query.provider),
    model: base?.model ?? query.model,
    from: later(base?.from ?? null, override.from),
    to: earlier(base?.to ?? null, override.to),
    ...(base?.timeOfDay === undefined ? {} : { timeOfDay: base.timeOfDay }),
    tier: base?.tier ?? query.tier,
    speed: base?.speed ?? query.speed ?? 'standard',
    region: base?.region ?? null,
    rates: ratesOf(terms, base),
    ...(base?.unpriced === undefined || terms.kind === 'fixed' ? {} : unpricedLeft(base.unpriced, terms)),
    provenance: { table: TENANT_TABLE, version: `override ${override.id}`, date: override.date },
  };
  return Object.freeze({ ...card, id: sha256(cardContent(card)).slice(0, 20) });
}

function ratesOf(terms: OverrideTerms, base: RateCard | null): RateCard['rates'] {
  if (terms.kind === 'percent') {
    return Object.fromEntries(
      Object.entries(base?.rates ?? {}).map(([meter, rate]) => [meter, changed(rate, terms.percent)]),
    );
  }
  if (terms.kind === 'rates') return { ...base?.rates, ...terms.rates };
  const free: { [M in Meter]?: Rate } = {};
  for (const meter of METER_NAMES) free[meter] = { usd: '0', per: 1 };
  return { ...free, ...terms.rates };
}

function unpricedLeft(unpriced: readonly Meter[], terms: OverrideTerms): { unpriced: readonly Meter[] } {
  return {
    unpriced:
      terms.kind === 'rates' ? unpriced.filter((meter) => terms.rates[meter] === undefined) : unpriced,
  };
}

function changed(rate: Rate, percent: string): Rate {
  return {
    ...rate,
    usd: byPercent(rate.usd, percent),
    ...(rate.steps === undefined
      ? {}
      : { steps: rate.steps.map((step) => ({ ...step, usd: byPercent(step.usd, percent) })) }),
  };
}

/** `usd` × (100 + percent) ÷ 100, exactly: dividing by a hundred only moves the point. */
export function byPercent(usd: string, percent: string): string {
  const price = parseDecimal(usd);
  const change = parseDecimal(percent);
  const factor = 100n * 10n ** BigInt(change.scale) + change.mantissa;
  return printDecimal({ mantissa: price.mantissa * factor, scale: price.scale + change.scale + 2 });
}

function later(a: string | null, b: number | null): string | null {
  if (b === null) return a;
  return a !== null && Date.parse(a) >= b ? a : new Date(b).toISOString();
}

function earlier(a: string | null, b: number | null): string | null {
  if (b === null) return a;
  return a !== null && Date.parse(a) <= b ? a : new Date(b).toISOString();
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
