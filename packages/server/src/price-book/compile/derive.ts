/** Multiplies cards: a rule such as "a batch costs half" becomes explicit rows with exact decimals. */
import type { CardData, RateData } from '@farthing/pricing';
import { METERS, type Meter, multiplyDecimals, parseDecimal, printDecimal } from '@farthing/pricing';
import type { OwnDerived } from './own-schema.ts';

/** The product of two decimal texts, exactly. */
export function multiplyDecimalTexts(a: string, b: string): string {
  return printDecimal(multiplyDecimals(parseDecimal(a), parseDecimal(b)));
}

/**
 * The cards that a rule makes of these. Token prices are multiplied, fees are kept; intervals are those of the
 * card cut to those of the rule. A card for which the same tier, speed and region is there already makes none.
 */
export function deriveCards(
  cards: readonly CardData[],
  rule: OwnDerived,
  source: number,
): Omit<CardData, 'id'>[] {
  return cards.flatMap((card) => {
    if (!isBase(card, rule)) return [];
    const { id: _id, timeOfDay, rates, unpriced: _unpriced, ...facts } = card;
    const from = later(card.from, rule.from);
    const to = earlier(card.to, rule.to);
    if (from !== undefined && to !== undefined && from >= to) return [];
    const unpriced = [...new Set([...(card.unpriced ?? []), ...((rule.unpriced ?? []) as Meter[])])];
    const { from: _from, to: _to, ...rest } = facts;
    const made: Omit<CardData, 'id'> = {
      ...rest,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(timeOfDay === undefined ? {} : { timeOfDay }),
      ...(rule.tier === undefined ? {} : { tier: rule.tier }),
      ...(rule.speed === undefined ? {} : { speed: rule.speed }),
      ...(rule.region === undefined ? {} : { region: rule.region }),
      rates: multiplied(rates, rule.times, unpriced),
      ...(unpriced.length === 0 ? {} : { unpriced }),
      source,
    };
    return cards.some((other) => covers(other, made)) ? [] : [made];
  });
}

function isBase(card: CardData, rule: OwnDerived): boolean {
  if (card.region !== undefined) return false;
  if (Object.keys(card.rates).length === 0) return false;
  if (rule.stacks === true) return true;
  return (card.tier ?? 'standard') === 'standard' && (card.speed ?? 'standard') === 'standard';
}

/** True if an explicit card already covers the derived one. */
function covers(card: CardData, made: Omit<CardData, 'id'>): boolean {
  return (
    (card.tier ?? 'standard') === (made.tier ?? 'standard') &&
    (card.speed ?? 'standard') === (made.speed ?? 'standard') &&
    card.region === made.region &&
    (card.from ?? '') <= (made.from ?? '') &&
    (card.to ?? '9') >= (made.to ?? '9')
  );
}

function multiplied(rates: CardData['rates'], times: string, unpriced: readonly Meter[]): CardData['rates'] {
  const made: { [M in Meter]?: RateData } = {};
  for (const [meter, rate] of Object.entries(rates) as [Meter, RateData][]) {
    if (unpriced.includes(meter)) continue;
    made[meter] = METERS[meter].unit === 'tokens' ? multipliedRate(rate, times) : rate;
  }
  return made;
}

function multipliedRate(rate: RateData, times: string): RateData {
  if (typeof rate === 'string') return multiplyDecimalTexts(rate, times);
  const steps = rate.steps?.map(({ from, usd }) => ({ from, usd: multiplyDecimalTexts(usd, times) }));
  return { ...rate, usd: multiplyDecimalTexts(rate.usd, times), ...(steps === undefined ? {} : { steps }) };
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}

function earlier(a: string | undefined, b: string | undefined): string | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a;
}
