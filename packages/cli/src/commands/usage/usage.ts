/** `farthing usage`: recorded provider responses → disjoint quantities and exact cost, with or without a server. */
import { book } from '@farthing/pricing/book';
import { Command } from 'commander';
import { withApi } from '../../access/ask-server.ts';
import { type ServerOptions, serverOf, withServerOptions } from '../../access/live-book.ts';
import { CliError, EXIT } from '../../console/output.ts';
import { openSource } from '../../console/read-lines.ts';
import { askPrices } from './ask-prices.ts';
import { priceLines } from './price-lines.ts';
import { asJson, asText } from './print-line.ts';

const HELP = `
Each line is one JSON object: {"id","provider","surface"?,"format":"json|sse|ndjson|eventstream",
"body"|"stream"|"stream_base64","headers"?,"url"?,"method"?,"status"?,"request"?,"request_model"?,"api"?,"at"?}.
Fields it does not know are ignored. A line that cannot be read is answered with "ok":false, and the rest goes on.`;

export function usageCommand(): Command {
  const made = new Command('usage')
    .description('read recorded provider responses, print what each one used and costs')
    .argument('[file]', 'NDJSON file, plain or gzip; - or nothing: standard input', '-')
    .option('--jsonl', 'one line of JSON per response; without --explain the only form')
    .option('--json', 'the same')
    .option('--estimate', 'estimate counts that a response leaves open from its text and its "request"')
    .option(
      '--explain',
      'say of each what led to the figure: usage, convention, cards, lines; a table for people',
    )
    .addHelpText('after', HELP);
  return withServerOptions(made).action(price);
}

interface UsageOptions extends ServerOptions {
  readonly estimate?: true;
  readonly explain?: true;
  readonly json?: true;
  readonly jsonl?: true;
}

async function price(file: string, options: UsageOptions): Promise<void> {
  const server = serverOf(options);
  const explain = options.explain === true;
  const print = explain && !options.json && !options.jsonl ? asText : asJson;
  if (server !== null) {
    if (options.estimate) {
      throw new CliError(
        '--estimate counts texts on this machine: it does not go with --server.',
        EXIT.usage,
      );
    }
    const { tenant } = options;
    await withApi(server, async (ask) =>
      askPrices(await openSource(file), process.stdout, { ask, tenant, explain }, print),
    );
    return;
  }
  // Loaded only on demand: the vocabularies are large.
  const estimate = options.estimate
    ? await (await import('@farthing/server')).openLineTokenEstimator()
    : undefined;
  await priceLines(await openSource(file), process.stdout, { book, now: Date.now, estimate, explain }, print);
}
