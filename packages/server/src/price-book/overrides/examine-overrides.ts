/** Warnings about `COST_PRICING_OVERRIDES`, for the operator who set it. */
import { type PriceBook, parseDecimal, type RateCard } from '@farthing/pricing';
import { book } from '@farthing/pricing/book';
import { overridesOf } from './override-prices.ts';

export interface OverridesReport {
  /** Null = there are none. */
  readonly version: string | null;
  readonly cards: number;
  /** Models that the installed book does not know: the operator's own, or misspelt. */
  readonly unknown: readonly string[];
  /** Prices that are more likely a wrong unit than a price, each with why. */
  readonly outOfRange: readonly string[];
}

/** No provider charges this much for a million tokens, a thousand calls or an hour. */
const MOST_USD = 10_000n;
/** A price that much higher or lower than the installed one is one of another unit. */
const FACTOR = 100n;

/** Looks at the setting. Throws a `PriceOverrideError` where it cannot be read, as the server does. */
export function examineOverrides(setting: string | null, now: Date): OverridesReport {
  const overrides = overridesOf(setting, now);
  const cards = overrides === null ? [] : [...overrides.cards()];
  const unknown = new Set<string>();
  const outOfRange: string[] = [];
  for (const card of cards) {
    const installed = counterpart(book, card, now);
    if (installed === null) unknown.add(`${card.provider}/${card.model}`);
    for (const [meter, rate] of Object.entries(card.rates)) {
      const old = installed?.rates[meter as keyof RateCard['rates']];
      const flaw = flawOf(rate, old);
      if (flaw !== null) outOfRange.push(`${card.provider}/${card.model} ${meter} ${rate.usd}: ${flaw}`);
    }
  }
  return { version: overrides?.version ?? null, cards: cards.length, unknown: [...unknown], outOfRange };
}

/** The installed card for the same model, of the standard tier if its own tier has none. */
function counterpart(installed: PriceBook, card: RateCard, now: Date): RateCard | null {
  const { provider, model, speed, region } = card;
  const at = Math.max(now.getTime(), card.from === null ? 0 : Date.parse(card.from));
  const query = { provider, model, at, speed, region };
  return (
    installed.find({ ...query, tier: card.tier }) ??
    installed.find({ ...query, tier: 'standard', speed: null })
  );
}

type Price = { readonly usd: string; readonly per: number };

function flawOf(rate: Price, old: Price | undefined): string | null {
  const { mantissa, scale } = parseDecimal(rate.usd);
  if (mantissa > MOST_USD * 10n ** BigInt(scale)) return `more than ${MOST_USD} USD per ${rate.per}`;
  if (old === undefined) return null;
  const before = parseDecimal(old.usd);
  const is = mantissa * BigInt(old.per) * 10n ** BigInt(before.scale);
  const was = before.mantissa * BigInt(rate.per) * 10n ** BigInt(scale);
  if (was === 0n || is === 0n) return null;
  if (is > was * FACTOR || was > is * FACTOR) return `the installed price is ${old.usd} per ${old.per}`;
  return null;
}
