/** `farthing usage`: recorded provider responses → disjoint quantities and exact cost, without a server. */
import { book } from '@farthing/pricing/book';
import { Command } from 'commander';
import { openSource } from '../import/read-lines.ts';
import { priceLines } from '../usage/price-lines.ts';

const HELP = `
Each line is one JSON object: {"id","provider","surface"?,"format":"json|sse|ndjson|eventstream",
"body"|"stream"|"stream_base64","headers"?,"url"?,"method"?,"status"?,"request"?,"request_model"?,"api"?,"at"?}.
Fields it does not know are ignored. A line that cannot be read is answered with "ok":false, and the rest goes on.`;

export function usageCommand(): Command {
  return new Command('usage')
    .description('read recorded provider responses, print what each one used and costs')
    .argument('[file]', 'NDJSON file, plain or gzip; - or nothing: standard input', '-')
    .option('--jsonl', 'one line of JSON per response (the only form)', true)
    .option('--estimate', 'estimate counts that a response leaves open from its text and its "request"')
    .addHelpText('after', HELP)
    .action(async (file: string, options: { readonly estimate?: true }) => {
      // Loaded only on demand: the vocabularies are large.
      const estimate = options.estimate
        ? await (await import('@farthing/server')).openLineEstimator()
        : undefined;
      await priceLines(await openSource(file), process.stdout, { book, now: Date.now, estimate });
    });
}
