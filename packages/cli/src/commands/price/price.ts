/** `farthing price`: what a model costs for given counts, once and for many calls. */
import { explainedCallsAnswer } from '@farthing/contract';
import {
  type Explanation,
  explain,
  explanationText,
  parseUsd,
  printUsd,
  type RatingRequest,
  rate,
  SERVICE_TIERS,
  type ServiceTier,
} from '@farthing/pricing';
import { book } from '@farthing/pricing/book';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { askServer } from '../../access/ask-server.ts';
import { type ServerOptions, serverOf, withServerOptions } from '../../access/live-book.ts';
import { command, run } from '../../console/command.ts';
import { EXIT, type ExitCode, type Output } from '../../console/output.ts';
import { requestFor } from './charge-model.ts';

interface PriceOptions extends ServerOptions {
  readonly json?: boolean;
  readonly provider?: string;
  readonly input: number;
  readonly output: number;
  readonly cached?: number;
  readonly cacheWrite?: number;
  readonly calls?: number;
  readonly tier: ServiceTier;
  readonly at?: number;
}

export function priceCommand(): Command {
  const made = command('price', 'print what a call to a model costs, meter by meter')
    .argument('<model>', 'gpt-4o, or with its provider: openai/gpt-4o')
    .requiredOption('--input <tokens>', 'input tokens of a call, cached ones included', count)
    .option('--output <tokens>', 'output tokens of a call', count, 0)
    .option('--cached <tokens>', 'part of the input that is read from a cache', count)
    .option('--cache-write <tokens>', 'part of the input that is written to a cache', count)
    .option('--calls <number>', 'how many such calls', count)
    .option('--provider <name>', 'who serves the model')
    .addOption(new Option('--tier <tier>', 'service tier').choices(SERVICE_TIERS).default('standard'))
    .option('--at <time>', 'prices of this time, RFC 3339 (default: now)', time);
  return withServerOptions(made).action((model: string, options: PriceOptions) =>
    run<PriceOptions>((given, output) => price(model, given, output))(options),
  );
}

async function price(model: string, options: PriceOptions, output: Output): Promise<ExitCode> {
  const { provider, input, output: answered, cached, cacheWrite, tier, calls } = options;
  const at = options.at ?? Date.now();
  const counts = { input, output: answered, cached, cacheWrite };
  const request = requestFor(book, { model, provider, ...counts, tier, at });
  const explanation = await explained(request, options);
  const once = explanation.total_usd === null ? null : parseUsd(explanation.total_usd);
  const all = once === null || calls === undefined ? null : printUsd(once * BigInt(calls));
  const result = calls === undefined ? explanation : { ...explanation, calls, total_all_calls_usd: all };
  output.result(result, () => {
    const text = explanationText(explanation);
    return calls === undefined ? text : `${text}\n${calls} calls: ${all === null ? 'unpriced' : `$${all}`}`;
  });
  return once === null ? EXIT.failed : EXIT.ok;
}

/** By the installed book, or by the one that is in force on a server. */
async function explained(request: RatingRequest, options: PriceOptions): Promise<Explanation> {
  const server = serverOf(options);
  if (server === null) return explain(book, request, rate(book, request));
  const { provider, model, operation, tier, at, segments } = request;
  const [segment] = segments;
  const call = {
    ...{ provider, model, operation, tier, at: new Date(at).toISOString() },
    quantities: segment?.quantities ?? {},
  };
  const body = { tenant: options.tenant, items: [{ call }] };
  const { prices } = await askServer(server, explainedCallsAnswer, 'POST', '/api/cost/price', body);
  // Only the parts that are shown are checked; the names of meters and tiers are the server's.
  return prices[0] as unknown as Explanation;
}

function count(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError('give a whole number from 0 on');
  return value;
}

function time(text: string): number {
  const value = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(value)) throw new InvalidArgumentError('give a time like 2026-01-31T12:00:00Z');
  return value;
}
