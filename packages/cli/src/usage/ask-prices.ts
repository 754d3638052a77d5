/** Recorded responses → what a server's book makes of them, a batch of lines at a time, in order. */
import type { Writable } from 'node:stream';
import type { Ask } from '../api/ask-server.ts';
import { MAX_LINE_BYTES, readLines } from '../import/read-lines.ts';

const BATCH_LINES = 100;
const BATCH_BYTES = 4 * 1024 * 1024;

/** Where and how to ask. */
export interface Asking {
  readonly ask: Ask;
  /** By the prices of this tenant; absent = as the key sees them. */
  readonly tenant: string | undefined;
  readonly explain: boolean;
}

interface Item {
  readonly number: number;
  /** Null: longer than a line may be. */
  readonly line: string | null;
}

/**
 * Prices every line of `source` with the book of the server that is asked, and writes one line of JSON for each, in
 * order.
 */
export async function askPrices(
  source: AsyncIterable<Buffer>,
  output: Writable,
  asking: Asking,
): Promise<void> {
  let waiting: Item[] = [];
  let bytes = 0;
  const flush = async () => {
    for (const told of await answersTo(waiting, asking)) output.write(`${JSON.stringify(told)}\n`);
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

async function answersTo(waiting: readonly Item[], { ask, tenant, explain }: Asking): Promise<object[]> {
  const items = waiting.filter((item) => item.line !== null);
  if (items.length === 0) return waiting.map(tooLong);
  const body = { tenant, explain, items };
  const { prices } = await ask<{ prices: readonly object[] }>('POST', '/api/cost/price', body);
  let next = 0;
  return waiting.map((item) => (item.line === null ? tooLong(item) : (prices[next++] ?? {})));
}

const tooLong = ({ number }: Item): object => {
  const message = `line ${number} is longer than ${MAX_LINE_BYTES} bytes`;
  return { id: null, ok: false, error: { code: 'body_too_large', message } };
};
