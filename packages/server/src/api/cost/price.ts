/** `POST /api/cost/price`: recorded responses and single calls, priced with the book in force and explained. */
import { pricedCallsAnswer } from '@farthing/contract';
import {
  canonicalProvider,
  explain,
  METER_NAMES,
  type Meter,
  OPERATIONS,
  type Quantities,
  rate,
  SERVICE_TIERS,
  tokenTotals,
} from '@farthing/pricing';
import { z } from 'zod';
import { withScope } from '../../costs/with-scope.ts';
import { readableTenant } from '../../http/callers/access.ts';
import { priceParsed, priceText } from '../../ingest/price-lines.ts';
import type { PriceBooks } from '../../price-book/installed-book.ts';
import { endpoint } from '../endpoint.ts';

const MOST_ITEMS = 200;

const call = z.strictObject({
  provider: z.string().min(1).max(200),
  model: z.string().min(1).max(500),
  operation: z.enum(OPERATIONS).default('chat'),
  /** Disjoint, by meter. */
  quantities: z.partialRecord(z.enum(METER_NAMES as readonly [Meter, ...Meter[]]), z.number().nonnegative()),
  tier: z.enum(SERVICE_TIERS).default('standard'),
  speed: z.enum(['standard', 'fast']).nullable().default(null),
  region: z.string().max(100).nullable().default(null),
  /** Prices of this time. */
  at: z.iso.datetime({ offset: true }).optional(),
  /** Compared with the thresholds of long context; absent = all input tokens. */
  context_tokens: z.int().nonnegative().optional(),
});

const body = z.strictObject({
  tenant: z.string().min(1).max(200).optional(),
  explain: z.boolean().default(false),
  items: z
    .array(
      z.union([
        // Looked into by the reader of responses, which trusts nothing in it.
        z.strictObject({ response: z.record(z.string(), z.unknown()) }),
        z.strictObject({ line: z.string(), number: z.int().positive().optional() }),
        z.strictObject({ call }),
      ]),
    )
    .min(1)
    .max(MOST_ITEMS),
});

export const priceCalls = endpoint({
  access: 'usage:read',
  summary: 'Prices recorded responses, or calls given by their quantities, with the book in force.',
  description:
    'Nothing is recorded. An item is `{response}`, one line as `farthing usage` reads it (`{provider, format, body | stream, …}`), the same as text in `{line}` (the digits of the provider stay as it printed them), or `{call}` with disjoint quantities by meter. The prices are those of the tenant where one is named or the key belongs to one, else the public ones with those of this installation. With `explain` each answer holds everything that led to the figure. A response that cannot be read is answered with `ok: false` in its place.',
  tags: ['costs'],
  bodyLimitBytes: 16_777_216,
  body,
  answer: pricedCallsAnswer,
  errors: ['unknown_tenant'],
  examples: [
    {
      name: 'a call by its quantities',
      body: {
        items: [
          {
            call: {
              provider: 'openai',
              model: 'gpt-4o',
              quantities: { input_uncached: 1200, output_text: 300 },
            },
          },
        ],
      },
    },
    {
      name: 'a recorded response, explained',
      body: {
        explain: true,
        items: [
          {
            response: {
              id: 'one',
              provider: 'openai',
              format: 'json',
              body: {
                id: 'chatcmpl-1',
                object: 'chat.completion',
                model: 'gpt-4o-2024-08-06',
                choices: [],
                usage: { prompt_tokens: 1200, completion_tokens: 300, total_tokens: 1500 },
              },
            },
          },
        ],
      },
    },
  ],
  async handle({ context, identity, body: input }) {
    const { db, books, now, config } = context;
    const tenant = readableTenant(identity, input.tenant);
    if (tenant !== null) await withScope(db, tenant, async () => undefined); // refuses an unknown tenant
    const book = bookOf(books, tenant);
    const pricing = { book, now: now(), explain: input.explain, stating: config.recording.terms.reported };
    const priced = async (item: Item, number: number): Promise<Record<string, unknown>> => {
      if ('call' in item) return { ...priceCall(book, item.call, now()) };
      if ('line' in item) return { ...(await priceText(item.line, item.number ?? number, pricing)) };
      return { ...(await priceParsed(item.response, number, pricing)) };
    };
    const prices: Record<string, unknown>[] = [];
    for (const [index, item] of input.items.entries()) prices.push(await priced(item, index + 1));
    return { price_book: book.version, prices };
  },
});

type Item = z.output<typeof body>['items'][number];

const bookOf = (books: PriceBooks, tenant: string | null) =>
  tenant === null ? books.forList() : books.forTenant(tenant);

function priceCall(book: ReturnType<PriceBooks['forList']>, given: z.output<typeof call>, now: number) {
  const { operation, at, context_tokens: context, ...rest } = given;
  const quantities = given.quantities as Quantities;
  const contextTokens = context ?? tokenTotals(quantities).input;
  const request = {
    ...{ provider: canonicalProvider(rest.provider), model: rest.model, operation },
    ...{ tier: rest.tier, speed: rest.speed, region: rest.region },
    at: at === undefined ? now : Date.parse(at),
    segments: [{ model: null, quantities, contextTokens }],
  };
  return explain(book, request, rate(book, request));
}
