/**
 * The format of a charge's lines in `usage_events.charge`: arrays instead of objects, since there is one per event and
 * meter.
 */
import { printUsd, type SettledCharge } from '@farthing/pricing';

/**
 * `[meter, quantity, rate, per, amount_usd, card_id, segment, inherited_from, reason, step, billed_quantity]`,
 * money and rates as decimal text, trailing nulls left out.
 */
export type StoredLine = readonly (string | number | null)[];

/** Prints the lines as the JSON text of the `charge` column. */
export function chargeJson(lines: SettledCharge['lines']): string {
  return JSON.stringify(lines.map(storedLine));
}

export function storedLine(line: SettledCharge['lines'][number]): StoredLine {
  const stored: (string | number | null)[] = [
    line.meter,
    line.quantity,
    line.rate,
    line.per,
    line.amountPicos === null ? null : printUsd(line.amountPicos),
    line.cardId,
    line.segment,
    line.inheritedFrom ?? null,
    line.reason ?? null,
    line.step ?? null,
    line.billedQuantity ?? null,
  ];
  while (stored.at(-1) === null) stored.pop();
  return stored;
}
