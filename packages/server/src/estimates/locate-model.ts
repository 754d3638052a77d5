/** Finds the provider of a model that a caller names. */
import type { PriceBook } from '@farthing/pricing';
import { providerOfModel, resolveProvider } from '@farthing/pricing/extract';

export interface NamedModel {
  readonly provider?: string | undefined;
  /** `gpt-4o`, or with its provider: `openai/gpt-4o`. */
  readonly model: string;
}

export type Located =
  | { readonly provider: string; readonly model: string; readonly problem: null }
  /** `problem` says what is missing, and what to do. */
  | { readonly provider: null; readonly model: string; readonly problem: string };

/**
 * The provider as named, as a prefix, as the maker of the model, or the only one who sells it.
 *
 * @example locateModel(book, { model: 'anthropic/claude-sonnet-4-5' }) // { provider: 'anthropic', … }
 */
export function locateModel(book: PriceBook, { provider, model }: NamedModel): Located {
  const missing = (problem: string): Located => ({ provider: null, model, problem });
  if (provider !== undefined) {
    const known = resolveProvider(provider);
    if (known === null) return missing(`provider "${provider}" is not known`);
    return { provider: known, model, problem: null };
  }
  const slash = model.indexOf('/');
  const prefix = slash > 0 ? resolveProvider(model.slice(0, slash)) : null;
  if (prefix !== null) return { provider: prefix, model: model.slice(slash + 1), problem: null };
  const maker = providerOfModel(model);
  if (maker !== null) return { provider: maker, model, problem: null };
  const sellers = new Set<string>();
  for (const card of book.cards()) if (card.model === model) sellers.add(card.provider);
  const [only, ...others] = sellers;
  if (only === undefined) return missing('no provider is known for it: name one in "provider"');
  if (others.length === 0) return { provider: only, model, problem: null };
  return missing(
    `several providers sell it (${[...sellers].sort().slice(0, 10).join(', ')}): name one in "provider"`,
  );
}
