/** What a public price table says, in our words: models by name, prices per meter as exact decimal text. */

import type { Speed } from '../../../packages/pricing/src/book/price-book.ts';
import { parseDecimal, printDecimal } from '../../../packages/pricing/src/money/money.ts';
import type { Meter } from '../../../packages/pricing/src/usage/meters.ts';
import type { ServiceTier } from '../../../packages/pricing/src/usage/usage.ts';

/** A table that figures are taken from. */
export interface TableInfo {
  readonly table: string;
  readonly version: string;
  /** Day of that version; of two tables that disagree the newer one knows more. */
  readonly date: string;
  readonly url: string;
}

/** Price of one meter: base, and above a context threshold (tokens, as the table words it). */
export interface TablePrice {
  readonly usd: string;
  readonly above?: { readonly tokens: number; readonly usd: string };
}

export type TablePrices = { readonly [M in Meter]?: TablePrice };

/** Prices of one way of calling a model. */
export interface TableMode {
  readonly tier: ServiceTier;
  readonly speed: Speed;
  /** Null = wherever it runs. */
  readonly region: string | null;
  readonly prices: TablePrices;
}

/** One entry of a table. */
export interface TableModel {
  readonly provider: string;
  readonly name: string;
  readonly modes: readonly TableMode[];
  /** Fees per tool call and the like, per the meter's usual unit; they do not depend on the mode. */
  readonly fees: { readonly [M in Meter]?: string };
}

/** The mode of a model for a plain call. */
export function standardMode(model: TableModel): TableMode | null {
  return modeOf(model, { tier: 'standard', speed: 'standard', region: null });
}

export function modeOf(
  model: TableModel,
  wanted: { readonly tier: ServiceTier; readonly speed: Speed; readonly region: string | null },
): TableMode | null {
  const { tier, speed, region } = wanted;
  return model.modes.find((one) => one.tier === tier && one.speed === speed && one.region === region) ?? null;
}

/** A number of a table times a power of ten or another whole factor, exactly; binary noise is cut at 12 digits. */
export function scaled(value: number, factor: bigint, divisor: 1 | 100 = 1): string | null {
  if (!Number.isFinite(value) || value < 0) return null;
  const { mantissa, scale } = parseDecimal(String(Number(value.toPrecision(12))));
  return printDecimal({ mantissa: mantissa * factor, scale: divisor === 1 ? scale : scale + 2 });
}
