/** Recorded responses → their prices by a server's book, a batch of lines at a time, in order. */
import type { Writable } from 'node:stream';
import { pricedLinesAnswer } from '@farthing/contract';
import type { FailedLine, PricedLine } from '@farthing/pricing/extract';
import type { Ask } from '../../access/ask-server.ts';
import { MAX_LINE_BYTES, readLines } from '../../console/read-lines.ts';
import { asJson, type PrintLine } from './print-line.ts';

const BATCH_LINES = 100;
const BATCH_BYTES = 4 * 1024 * 1024;

/** Where and how to ask. */
export interface PriceQuestion {
  readonly ask: Ask;
  /** By the prices of this tenant; absent = as the key sees them. */
  readonly tenant: string | undefined;
  readonly explain: boolean;
}

type Told = PricedLine | FailedLine;

interface Item {
  readonly number: number;
  /** Null: longer than a line may be. */
  readonly line: string | null;
}

/**
 * Prices every line of `source` with the book of the server that is asked, and writes each as `print` says, in order.
 */
export async function askPrices(
  source: AsyncIterable<Buffer>,
  output: Writable,
  asking: PriceQuestion,
  print: PrintLine = asJson,
): Promise<void> {
  let waiting: Item[] = [];
  let bytes = 0;
  const flush = async () => {
    for (const told of await answersTo(waiting, asking)) output.write(print(told));
    waiting = [];
    bytes = 0;
  };
  for await (const { number, text: line } of readLines(source)) {
    waiting.push({ number, line });
    bytes += line?.length ?? 0;
    if (waiting.length >= BATCH_LINES || bytes >= BATCH_BYTES) await flush();
  }
  await flush();
}

async function answersTo(waiting: readonly Item[], { ask, tenant, explain }: PriceQuestion): Promise<Told[]> {
  const items = waiting.filter((item) => item.line !== null);
  if (items.length === 0) return waiting.map(tooLong);
  const body = { tenant, explain, items };
  const answer = await ask(pricedLinesAnswer, 'POST', '/api/cost/price', body);
  // Only the parts that are shown are checked; the rest is printed unchanged.
  const prices = answer.prices as readonly unknown[] as readonly Told[];
  let next = 0;
  return waiting.flatMap((item) => (item.line === null ? tooLong(item) : (prices[next++] ?? [])));
}

const tooLong = ({ number }: Item): FailedLine => {
  const message = `line ${number} is longer than ${MAX_LINE_BYTES} bytes`;
  return { id: null, ok: false, error: { code: 'body_too_large', message } };
};
