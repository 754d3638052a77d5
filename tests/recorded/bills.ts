/** What we compute for a recorded response against what its provider charged (suite D). */
import { entries, type JsonObject, METERS, mergeSegments, parseUsd, printUsd, rate } from '@farthing/pricing';
import { book } from '@farthing/pricing/book';
import { type ResponseReading, ratingRequest } from '@farthing/pricing/extract';
import { EXPLAINED_BILLS, type ExplainedBill } from './explained.ts';
import { type RecordedLine, readRecorded } from './suites.ts';

export interface BillRow {
  readonly id: string;
  readonly provider: string;
  readonly model: string;
  /** What the provider states, in its own digits. */
  readonly billed: string;
  /** Null = unpriced. */
  readonly ours: string | null;
  /** `explained`: our quantities at the rates the explanation names, plus its fee, are the bill. */
  readonly verdict: 'equal' | 'explained' | 'hand-made' | 'different';
  readonly why: string;
}

/** Compares to the picodollar; bills print the noise of floats beyond that. */
export function compareBill(line: RecordedLine): BillRow {
  const reading = readRecorded(line);
  const billed = String((line['reported_cost'] as JsonObject | undefined)?.['usd']);
  const bill = parseUsd(billed, { round: true });
  const charge = rate(book, ratingRequest(reading));
  const row = {
    id: line.id,
    provider: line.provider,
    model: reading.model,
    billed,
    ours: charge.totalPicos === null ? null : printUsd(charge.totalPicos),
  };
  if (charge.totalPicos === bill) return { ...row, verdict: 'equal', why: '' };
  const explained = EXPLAINED_BILLS[line.id];
  if (explained === undefined) return { ...row, verdict: 'different', why: '' };
  const { why } = explained;
  if (explained.handMade === true) return { ...row, verdict: 'hand-made', why };
  return { ...row, verdict: rebuilt(reading, explained) === bill ? 'explained' : 'different', why };
}

/** The tokens at the rates of the explanation (or of the book), and its fee. */
function rebuilt(reading: ResponseReading, { rates, fee }: ExplainedBill): bigint {
  const extra = parseUsd(fee ?? '0');
  if (rates === undefined) {
    const lines = rate(book, ratingRequest(reading)).lines.filter(
      ({ meter }) => METERS[meter].unit === 'tokens',
    );
    return lines.reduce((sum, { amountPicos }) => sum + (amountPicos ?? 0n), extra);
  }
  let millionths = 0n;
  for (const [meter, quantity] of entries(mergeSegments(reading.usage.segments))) {
    if (METERS[meter].unit === 'tokens') millionths += BigInt(quantity) * parseUsd(rates[meter] ?? '0');
  }
  return millionths / 1_000_000n + extra;
}
