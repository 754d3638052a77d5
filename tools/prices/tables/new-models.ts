/** Models that both tables price alike and the base table does not know. */

import type { PriceBook } from '../../../packages/pricing/src/book/price-book.ts';
import type { Meter } from '../../../packages/pricing/src/usage/meters.ts';
import type { OwnCard } from '../../../packages/server/src/price-book/compile/own-schema.ts';
import { same } from './decide.ts';
import { standardMode, type TableModel, type TablePrice } from './facts.ts';
import { type Disagreement, sourceOf, type Table } from './reconcile.ts';

/** One standard card per such model, with the prices that are the same in all tables. */
export function newModels(
  provider: string,
  tables: readonly Table[],
  book: PriceBook,
  told: Disagreement[],
): OwnCard[] {
  const [first, ...others] = tables;
  if (first === undefined) return [];
  return first.models.flatMap((model): OwnCard[] => {
    if (model.provider !== provider || known(book, provider, model.name)) return [];
    const found = others.map((table) => table.models.find((one) => isSame(one, model)));
    const modes = [model, ...found].map((one) => (one === undefined ? null : standardMode(one)));
    const [mine] = modes;
    if (mine === null || mine === undefined) return [];
    const rates: { [M in Meter]?: OwnCard['rates'][M] } = {};
    for (const [meter, price] of Object.entries(mine.prices) as [Meter, TablePrice][]) {
      if (modes.every((mode) => agrees(mode?.prices[meter], price))) rates[meter] = rateOf(price);
    }
    if (
      rates.input_uncached === undefined ||
      (mine.prices.output_text !== undefined && rates.output_text === undefined)
    ) {
      if (found.every((one) => one !== undefined)) {
        const says = modes.map((mode, i): readonly [string, string] => [
          tables[i]?.info.table ?? '',
          `${mode?.prices.input_uncached?.usd ?? '–'} / ${mode?.prices.output_text?.usd ?? '–'}`,
        ]);
        told.push({
          provider,
          model: model.name,
          mode: 'standard',
          meter: 'input / output',
          says,
          followed: 'none',
          why: 'not in the base table',
        });
      }
      return [];
    }
    return [
      {
        model: model.name,
        rates: rates as OwnCard['rates'],
        source: sourceOf(tables.map(({ info }) => info)),
      },
    ];
  });
}

function known(book: PriceBook, provider: string, model: string): boolean {
  const reason = book.lookup({
    provider,
    model,
    at: Date.now(),
    tier: 'standard',
    speed: null,
    region: null,
  }).reason;
  return reason !== 'unknown_model' && reason !== 'unknown_provider';
}

const isSame = (a: TableModel, b: TableModel) =>
  a.provider === b.provider && a.name.toLowerCase() === b.name.toLowerCase();

function agrees(a: TablePrice | undefined, b: TablePrice): boolean {
  if (a === undefined || !same(a.usd, b.usd)) return false;
  return a.above === undefined || b.above === undefined || same(a.above.usd, b.above.usd);
}

/** "More than N tokens", so the step starts with the next one. */
function rateOf({ usd, above }: TablePrice): NonNullable<OwnCard['rates'][Meter]> {
  return above === undefined || above.tokens === 0
    ? usd
    : { usd, steps: [{ from: above.tokens + 1, usd: above.usd }] };
}
