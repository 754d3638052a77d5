/** A source of lines → the printed price of each, at the pace of the output's reader. */
import type { Writable } from 'node:stream';
import { type FailedLine, type LinePricing, priceLine } from '@farthing/pricing/extract';
import { MAX_LINE_BYTES, readLines } from '../../console/read-lines.ts';
import { asJson, type PrintLine } from './print-line.ts';

/**
 * Prices every line of `source` and writes each as `print` says, in order. Empty lines are left out.
 * Memory stays constant: it waits whenever the output is full. Ends quietly when the reader goes away.
 */
export async function priceLines(
  source: AsyncIterable<Buffer>,
  output: Writable,
  pricing: Omit<LinePricing, 'now'> & { readonly now: () => number },
  print: PrintLine = asJson,
): Promise<void> {
  let gone: Error | null = null;
  const leave = (error: Error) => {
    gone = error;
  };
  output.on('error', leave);
  try {
    for await (const { number, text } of readLines(source)) {
      const priced =
        text === null ? tooLong(number) : priceLine(text, number, { ...pricing, now: pricing.now() });
      if (!output.write(print(priced)) && gone === null) {
        await writableAgain(output);
      }
      if (gone !== null || output.destroyed) break;
    }
  } finally {
    output.off('error', leave);
  }
  if (gone !== null && !closedByReader(gone)) throw gone;
}

/** Resolves when the output takes more, or will never again. */
function writableAgain(output: Writable): Promise<void> {
  const events = ['drain', 'close', 'error'] as const;
  return new Promise((resolve) => {
    const done = () => {
      for (const event of events) output.off(event, done);
      resolve();
    };
    for (const event of events) output.on(event, done);
  });
}

function tooLong(number: number): FailedLine {
  const message = `line ${number} is longer than ${MAX_LINE_BYTES} bytes`;
  return { id: null, ok: false, error: { code: 'body_too_large', message } };
}

/** `farthing usage … | head` closes the pipe: that is no failure. */
function closedByReader(error: Error): boolean {
  return 'code' in error && error.code === 'EPIPE';
}
