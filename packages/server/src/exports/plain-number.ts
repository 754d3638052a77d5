import { parseDecimal, printDecimal } from '@farthing/pricing';

/** A double without an exponent: its shortest digits, in full. @example plainNumber(1e-7) === '0.0000001' */
export const plainNumber = (value: number): string => printDecimal(parseDecimal(String(value)));
