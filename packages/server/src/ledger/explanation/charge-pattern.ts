/** The lines of a charge as a pattern: meters, rates and cards belong to it, quantities and what cannot be computed do not. */
import {
  PICOS_PER_USD,
  parseDecimal,
  printUsd,
  type SettledCharge,
  type TokenTotals,
} from '@farthing/pricing';
import { storedLine } from '../charge-json.ts';
import { type KnownPatterns, type Patterned, PatternWriter, type Product, UnusualError } from './pattern.ts';

type Line = SettledCharge['lines'][number];

/** Null: the charge is kept with its event. The document is that of `chargeJson`. */
export function chargePattern(
  charge: Pick<SettledCharge, 'lines' | 'bookVersion'>,
  tokens: TokenTotals,
  known: KnownPatterns,
): Patterned | null {
  const writer = new PatternWriter(tokens);
  try {
    writer.literal('[');
    for (const [index, line] of charge.lines.entries()) {
      if (index > 0) writer.literal(', ');
      writeLine(writer, line);
    }
    writer.literal(']');
    return writer.end(known, charge.bookVersion);
  } catch (error) {
    if (error instanceof UnusualError) return null;
    throw error;
  }
}

/** Places in a stored line. */
const QUANTITY = 1;
const AMOUNT = 4;
const BILLED = 10;

function writeLine(writer: PatternWriter, line: Line): void {
  const stored = storedLine(line);
  const quantity = line.billedQuantity ?? line.quantity;
  let place: number | null = null;
  for (const [index, value] of stored.entries()) {
    writer.literal(index === 0 ? '[' : ', ');
    if (index === QUANTITY) place = writeQuantity(writer, line);
    else if (index === AMOUNT)
      writeAmount(writer, line, line.billedQuantity === undefined ? place : null, quantity);
    else if (index === BILLED && typeof value === 'number') writer.number('', value);
    else writer.literal(JSON.stringify(value));
  }
  writer.literal(']');
}

/** The quantity 1 is part of the pattern if it only says that the call was made. */
function writeQuantity(writer: PatternWriter, { meter, quantity }: Line): number | null {
  if (quantity !== 1 || (meter !== 'requests' && meter !== 'reported_difference')) {
    return writer.number(meter, quantity);
  }
  writer.literal('1');
  return null;
}

function writeAmount(writer: PatternWriter, line: Line, of: number | null, quantity: number): void {
  const { amountPicos, rate, per } = line;
  if (amountPicos === null || amountPicos === 0n) {
    writer.literal(amountPicos === null ? 'null' : '"0"');
    return;
  }
  const product: Product | null = of === null || rate === null || per === null ? null : { of, rate, per };
  writer.literal('"');
  if (product !== null && isExact(product, quantity, amountPicos)) writer.product(product);
  else writer.digits(printUsd(amountPicos));
  writer.literal('"');
}

/** Is the amount the product, with nothing rounded? */
function isExact({ rate, per }: Product, quantity: number, amountPicos: bigint): boolean {
  if (!Number.isSafeInteger(quantity) || !Number.isSafeInteger(per)) return false;
  const { mantissa, scale } = parseDecimal(rate);
  return BigInt(quantity) * mantissa * PICOS_PER_USD === amountPicos * BigInt(per) * 10n ** BigInt(scale);
}
