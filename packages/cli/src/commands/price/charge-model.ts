/** The input of `farthing price`, a model by name and counts by class → a rating request. */
import {
  disjoint,
  type PriceBook,
  type RatingRequest,
  type ServiceTier,
  tokenTotals,
} from '@farthing/pricing';
import { providerOfModel, resolveProvider } from '@farthing/pricing/extract';
import { CliError, EXIT } from '../../console/output.ts';

export interface ModelUse {
  /** `gpt-4o`, or with its provider: `openai/gpt-4o`. */
  readonly model: string;
  readonly provider: string | undefined;
  /** All input tokens, cached and cache-written ones included. */
  readonly input: number;
  readonly output: number;
  readonly cached: number | undefined;
  readonly cacheWrite: number | undefined;
  readonly tier: ServiceTier;
  /** Unix milliseconds. */
  readonly at: number;
}

/**
 * The rating request for a use of a model.
 *
 * @throws CliError if the model does not determine the provider, or the cached tokens exceed the input.
 */
export function requestFor(book: PriceBook, use: ModelUse): RatingRequest {
  const { provider, model } = locate(book, use);
  const cut = disjoint([
    {
      name: 'input',
      total: use.input,
      rest: 'input_uncached',
      parts: { input_cache_read: use.cached, input_cache_write_5m: use.cacheWrite },
    },
    { name: 'output', total: use.output, rest: 'output_text', parts: {} },
  ]);
  if (cut.anomalies.length > 0) {
    throw new CliError(
      '--input counts all input tokens; --cached and --cache-write are parts of it',
      EXIT.usage,
    );
  }
  const contextTokens = tokenTotals(cut.quantities).input;
  return {
    provider,
    model,
    operation: 'chat',
    at: use.at,
    tier: use.tier,
    speed: null,
    region: null,
    segments: [{ model: null, quantities: cut.quantities, contextTokens }],
  };
}

function locate(book: PriceBook, use: ModelUse): { readonly provider: string; readonly model: string } {
  if (use.provider !== undefined) {
    const provider = resolveProvider(use.provider);
    if (provider === null) throw new CliError(`provider "${use.provider}" is not known`, EXIT.usage);
    return { provider, model: use.model };
  }
  const slash = use.model.indexOf('/');
  const prefix = slash > 0 ? resolveProvider(use.model.slice(0, slash)) : null;
  if (prefix !== null) return { provider: prefix, model: use.model.slice(slash + 1) };
  const maker = providerOfModel(use.model);
  if (maker !== null) return { provider: maker, model: use.model };
  const sellers = new Set<string>();
  for (const card of book.cards()) if (card.model === use.model) sellers.add(card.provider);
  const [only, ...others] = sellers;
  if (only !== undefined && others.length === 0) return { provider: only, model: use.model };
  const who = only === undefined ? 'no provider is known for it' : `sold by ${[...sellers].join(', ')}`;
  throw new CliError(`say who serves "${use.model}" with --provider: ${who}`, EXIT.usage);
}
