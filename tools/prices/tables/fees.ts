/** Prices that the tables know of models whose standard cards we have, and which those cards do not state. */
import type { Meter } from '../../../packages/pricing/src/usage/meters.ts';
import type { OwnPrices } from '../../../packages/server/src/price-book/compile/own-schema.ts';
import { same } from './decide.ts';
import { standardMode, type TableInfo } from './facts.ts';
import { type Candidate, sourceOf } from './reconcile.ts';

type Addition = NonNullable<OwnPrices['additions']>[number];

/** Providers where a table lists a fee for tools that the provider does not run itself. */
const WITHOUT_TOOLS = new Set(['bedrock', 'mistral', 'deepseek']);

/** Tool fees, models of the same fee and source in one row. Tables that contradict each other add nothing. */
export function addedFees(provider: string, candidates: readonly Candidate[]): Addition[] {
  if (WITHOUT_TOOLS.has(provider)) return [];
  const groups = new Groups();
  for (const { model, base, entries } of candidates) {
    const meters = new Set(entries.flatMap((entry) => Object.keys(entry.model.fees) as Meter[]));
    for (const meter of meters) {
      if (base.rates[meter] !== undefined) continue;
      const stated = entries.flatMap(({ info, model: entry }) => {
        const usd = entry.fees[meter];
        return usd === undefined ? [] : [{ info, usd }];
      });
      groups.add(model, meter, stated);
    }
  }
  return groups.additions();
}

/** One-hour cache writes of Claude on clouds, which the base table leaves out. Only where both tables agree. */
export function addedOneHour(candidates: readonly Candidate[]): Addition[] {
  const groups = new Groups();
  for (const { model, base, entries } of candidates) {
    const meter = 'input_cache_write_1h';
    const written = base.rates.input_cache_write ?? base.rates.input_cache_write_5m;
    if (written === undefined || base.rates[meter] !== undefined || written.steps !== undefined) continue;
    const stated = entries.flatMap(({ info, model: entry }) => {
      const price = standardMode(entry)?.prices[meter];
      return price === undefined ? [] : [{ info, usd: price.usd }];
    });
    if (stated.length > 1) groups.add(model, meter, stated);
  }
  return groups.additions();
}

class Groups {
  readonly #groups = new Map<
    string,
    { models: Set<string>; meter: Meter; usd: string; infos: TableInfo[] }
  >();

  add(
    model: string,
    meter: Meter,
    stated: readonly { readonly info: TableInfo; readonly usd: string }[],
  ): void {
    const [first] = stated;
    if (first === undefined || !stated.every((one) => same(one.usd, first.usd))) return;
    const infos = stated.map((one) => one.info);
    const key = [meter, first.usd, ...infos.map((info) => info.table)].join(' ');
    const group = this.#groups.get(key) ?? { models: new Set(), meter, usd: first.usd, infos };
    group.models.add(model.toLowerCase());
    this.#groups.set(key, group);
  }

  additions(): Addition[] {
    return [...this.#groups.values()].map(({ models, meter, usd, infos }) => ({
      models: { or: [...models].sort().map((equals) => ({ equals })) },
      rates: { [meter]: usd } as Addition['rates'],
      source: sourceOf(infos),
    }));
  }
}
