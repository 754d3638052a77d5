/** At which unit prices a group of lines was charged, and what the same costs at the list price. */
import {
  isMeter,
  type Meter,
  multiplyDecimals,
  type PriceBook,
  type Rate,
  type RateCard,
  rate,
} from '@farthing/pricing';
import type { LineGroup } from '../../costs/charge-lines.ts';
import { TENANT_TABLE } from '../../price-book/overrides/tenant-overrides.ts';
import {
  decimal,
  divide,
  fromInteger,
  fromPicos,
  leastCommonMultiple,
  roundToPicos,
  ZERO,
} from './decimal.ts';

type Decimal = typeof ZERO;

/** A part of a group with one unit price. `pricingQuantity × price = cost`, exactly. */
export interface UnitPricedPart {
  readonly meter: Meter;
  readonly consumed: Decimal;
  /** Number of meter units in one pricing unit. */
  readonly pricingPer: number;
  readonly pricingQuantity: Decimal;
  readonly listPrice: Decimal;
  readonly contractedPrice: Decimal;
  readonly listCost: Decimal;
  readonly contractedCost: Decimal;
  /** The ledger's charge: each line rounded once, then summed. */
  readonly billed: Decimal;
  /** The card of the price list; the tenant's own where the list has no price. */
  readonly listCard: RateCard | null;
  /** Threshold of the price list. */
  readonly step: number | null;
}

/** Sources for looking up prices. */
export interface PriceSources {
  readonly listBook: PriceBook;
  /** Cards that lines name. */
  readonly cards: ReadonlyMap<string, RateCard>;
}

/**
 * The parts of a group; one, but where a price is cut at the quantity itself. Empty where the lines have an amount and
 * no price (calls recorded without being charged whose price is not known): such an amount is always zero.
 */
export function priceParts(group: LineGroup, sources: PriceSources): readonly UnitPricedPart[] {
  const { meter, rate: usd, per } = group;
  if (!isMeter(meter) || usd === null || per === null) return [];
  const card = group.card_id === null ? null : (sources.cards.get(group.card_id) ?? null);
  const list = listPriceOf(group, meter, card, sources);
  const own = { usd, per: Number(per) };
  const quantity = decimal(group.quantity);
  const billed = decimal(group.billed);
  const amount = decimal(group.amount);
  const marginal = card === null ? null : marginalRate(card, group);
  if (marginal === null || group.each_billed === null) {
    return [part({ meter, consumed: quantity, billable: billed, own, list, billed: amount })];
  }
  return marginalParts({ group, meter, rate: marginal, list, amount });
}

interface UnitPrice {
  readonly usd: string;
  readonly per: number;
}

interface ListPrice extends UnitPrice {
  readonly card: RateCard | null;
  readonly step: number | null;
}

/** A line that no override priced was charged at the list price itself. */
function listPriceOf(
  group: LineGroup,
  meter: Meter,
  card: RateCard | null,
  { listBook }: PriceSources,
): ListPrice {
  const charged = {
    usd: group.rate ?? '0',
    per: Number(group.per ?? 1),
    card,
    step: group.step === null ? null : Number(group.step),
  };
  if (card?.provenance.table !== TENANT_TABLE) return charged;
  const { lines } = rate(listBook, {
    provider: group.provider,
    model: group.priced_model,
    operation: group.operation as Parameters<typeof rate>[1]['operation'],
    at: group.first_time.getTime(),
    tier: group.tier,
    speed: group.speed,
    region: group.region,
    segments: [
      {
        model: null,
        quantities: { [meter]: 1 },
        contextTokens: Number(group.context_tokens ?? 0),
      },
    ],
  });
  const line = lines.find((one) => one.meter === meter);
  if (line === undefined || line.rate === null || line.per === null) return charged;
  return {
    usd: line.rate,
    per: line.per,
    card: line.cardId === null ? null : listBook.card(line.cardId),
    step: line.step ?? null,
  };
}

function part(given: {
  readonly meter: Meter;
  readonly consumed: Decimal;
  readonly billable: Decimal;
  readonly own: UnitPrice;
  readonly list: ListPrice;
  readonly billed: Decimal;
}): UnitPricedPart {
  const { meter, consumed, billable, own, list, billed } = given;
  // A unit that both prices can be stated for without rounding.
  const pricingPer = leastCommonMultiple(list.per, own.per);
  const price = ({ usd, per }: UnitPrice) => multiplyDecimals(decimal(usd), fromInteger(pricingPer / per));
  const pricingQuantity = divide(billable, pricingPer);
  const [listPrice, contractedPrice] = [price(list), price(own)];
  return {
    meter,
    consumed,
    pricingPer,
    pricingQuantity,
    listPrice,
    contractedPrice,
    listCost: multiplyDecimals(listPrice, pricingQuantity),
    contractedCost: multiplyDecimals(contractedPrice, pricingQuantity),
    billed,
    listCard: list.card,
    step: list.step,
  };
}

function marginalRate(card: RateCard, { meter, each_billed }: LineGroup): Rate | null {
  const found = isMeter(meter) ? card.rates[meter] : undefined;
  return each_billed !== null && found?.mode === 'marginal' && (found.steps?.length ?? 0) > 0 ? found : null;
}

/** Every stretch between two steps at its own price; the last one takes what rounding left. */
function marginalParts(given: {
  readonly group: LineGroup;
  readonly meter: Meter;
  readonly rate: Rate;
  readonly list: ListPrice;
  readonly amount: Decimal;
}): readonly UnitPricedPart[] {
  const { group, meter, rate: charged, list, amount } = given;
  const each = Number(group.each_billed);
  const points = [{ from: 1, usd: charged.usd }, ...(charged.steps ?? [])];
  const listPoints = listPointsOf(list, meter);
  const reached = points.filter((point) => point.from <= Math.max(each, 1));
  let left = amount;
  return reached.map((point, index) => {
    const end = reached[index + 1] === undefined ? each : (reached[index + 1]?.from ?? 1) - 1;
    const start = point.from - 1;
    const billable = multiplyDecimals({ ...decimal(String(end)) }, fromInteger(group.lines));
    const before = multiplyDecimals(fromInteger(start), fromInteger(group.lines));
    const stretch = subtract(billable, before);
    const own = { usd: point.usd, per: charged.per };
    const listUsd = listPoints.findLast((one) => one.from <= point.from)?.usd ?? list.usd;
    const made = part({
      meter,
      consumed: stretch,
      billable: stretch,
      own,
      list: { ...list, usd: listUsd, step: index === 0 ? null : point.from },
      billed: ZERO,
    });
    const last = index === reached.length - 1;
    const billed = last ? left : fromPicos(roundToPicos(made.contractedCost));
    left = subtract(left, billed);
    return { ...made, billed };
  });
}

function listPointsOf({ card, usd }: ListPrice, meter: Meter) {
  const found = card?.rates[meter];
  return found?.mode === 'marginal'
    ? [{ from: 1, usd: found.usd }, ...(found.steps ?? [])]
    : [{ from: 1, usd }];
}

function subtract(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  const raised = ({ mantissa, scale: own }: Decimal) => mantissa * 10n ** BigInt(scale - own);
  return { mantissa: raised(a) - raised(b), scale };
}

/** Context tokens at which any price of a book changes, ascending. */
export function contextThresholds(book: PriceBook): readonly number[] {
  const known = THRESHOLDS.get(book);
  if (known !== undefined) return known;
  const found = new Set<number>();
  for (const card of book.cards()) {
    for (const { steps = [], mode } of Object.values(card.rates)) {
      if (mode !== 'marginal') for (const { from } of steps) found.add(from);
    }
  }
  const sorted = [...found].sort((a, b) => a - b);
  THRESHOLDS.set(book, sorted);
  return sorted;
}

const THRESHOLDS = new WeakMap<PriceBook, readonly number[]>();
