/** `farthing price`: what a model costs for given counts, once and for many calls. */
import { explain, explanationText, printUsd, rate, type ServiceTier } from '@farthing/pricing';
import { book } from '@farthing/pricing/book';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { command } from '../command.ts';
import { createOutput, EXIT } from '../output.ts';
import { requestFor } from '../usage/charge-model.ts';

const TIERS: readonly ServiceTier[] = ['standard', 'batch', 'flex', 'priority', 'scale'];

interface PriceOptions {
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
  return command('price', 'print what a call to a model costs, meter by meter')
    .argument('<model>', 'gpt-4o, or with its provider: openai/gpt-4o')
    .requiredOption('--input <tokens>', 'input tokens of a call, cached ones included', count)
    .requiredOption('--output <tokens>', 'output tokens of a call', count)
    .option('--cached <tokens>', 'part of the input that is read from a cache', count)
    .option('--cache-write <tokens>', 'part of the input that is written to a cache', count)
    .option('--calls <number>', 'how many such calls', count)
    .option('--provider <name>', 'who serves the model')
    .addOption(new Option('--tier <tier>', 'service tier').choices(TIERS).default('standard'))
    .option('--at <time>', 'prices of this time, RFC 3339 (default: now)', time)
    .action((model: string, options: PriceOptions) => {
      process.exitCode = price(model, options);
    });
}

function price(model: string, options: PriceOptions) {
  const { provider, input, output, cached, cacheWrite, tier, calls } = options;
  const at = options.at ?? Date.now();
  const request = requestFor(book, { model, provider, input, output, cached, cacheWrite, tier, at });
  const charge = rate(book, request);
  const explanation = explain(book, request, charge);
  const total = charge.totalPicos === null || calls === undefined ? null : charge.totalPicos * BigInt(calls);
  const result =
    calls === undefined
      ? explanation
      : { ...explanation, calls, total_all_calls_usd: total === null ? null : printUsd(total) };
  createOutput({ json: options.json === true }).result(result, () => {
    const text = explanationText(explanation);
    if (calls === undefined) return text;
    return `${text}\n${calls} calls: ${total === null ? 'unpriced' : `$${printUsd(total)}`}`;
  });
  return charge.totalPicos === null ? EXIT.failed : EXIT.ok;
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
