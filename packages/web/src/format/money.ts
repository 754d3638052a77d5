/** Money for people. Input is the exact decimal text of the API; nothing here is a float. */

const SCALE = 12;
const ONE_USD = 10n ** BigInt(SCALE);
const ONE_CENT = ONE_USD / 100n;
const TEN_MILLION = 10_000_000n * ONE_USD;
const SIGNIFICANT_DIGITS = 4;
/** Most decimals of a column, by its largest amount: hundreds of dollars need no millionths beside them. */
const COLUMN_DECIMALS = [
  { from: 100n * ONE_USD, decimals: 2 },
  { from: ONE_USD, decimals: 4 },
  { from: 0n, decimals: 6 },
] as const;

/**
 * Short form for screens: `$1,234.56`; under a cent four significant digits, `$0.000435`; over ten million
 * `$12.4M`. Never `$0.00` for something that cost. The exact text belongs into the title and the clipboard.
 *
 * @example formatUsd('0.000435') // '$0.000435'
 */
export function formatUsd(decimal: string): string {
  const picos = toPicos(decimal);
  const sign = picos < 0n ? '−' : '';
  const size = sizeOf(picos);
  if (size === 0n) return '$0.00';
  if (size < ONE_CENT) return `${sign}$${underACent(size)}`;
  if (size >= TEN_MILLION) return `${sign}$${fixed(size, 1_000_000n * ONE_USD, 1)}M`;
  return `${sign}$${fixed(size, ONE_USD, 2)}`;
}

/**
 * How many decimals all amounts of one column have, so that their digits line up: two, or if an amount is less than a
 * cent, as many as it needs for two digits. At most six; four if the column has a dollar or more, two if a hundred or
 * more. Null is an unknown amount.
 *
 * @example columnDecimals(['0.04', '0.0006965']) // 5
 */
export function columnDecimals(decimals: readonly (string | null)[]): number {
  const sizes = decimals.flatMap((decimal) => (decimal === null ? [] : [sizeOf(toPicos(decimal))]));
  const paid = sizes.filter((size) => size > 0n).sort((a, b) => (a < b ? -1 : 1));
  const smallest = paid[0];
  const largest = paid.at(-1);
  if (smallest === undefined || largest === undefined || smallest >= ONE_CENT) return 2;
  const most = COLUMN_DECIMALS.find(({ from }) => largest >= from)?.decimals ?? 2;
  // The first digit of $0.0006965 is in the fourth place after the point; one more is shown.
  const wanted = SCALE - smallest.toString().length + 2;
  return Math.min(most, Math.max(2, wanted));
}

/**
 * An amount of a column, with that many decimals. An amount below the last decimal is `<$0.0001`, never zero;
 * over ten million it is shortened as everywhere.
 *
 * @example formatUsdIn('0.04', 5) // '$0.04000'
 */
export function formatUsdIn(decimal: string, decimals: number): string {
  const picos = toPicos(decimal);
  const size = sizeOf(picos);
  if (size >= TEN_MILLION) return formatUsd(decimal);
  const sign = picos < 0n ? '−' : '';
  const last = ONE_USD / 10n ** BigInt(decimals);
  if (size > 0n && size < last) return `${sign}<$${fixed(last, ONE_USD, decimals)}`;
  return `${sign}$${fixed(size, ONE_USD, decimals)}`;
}

/** Every digit: `$0.000435000001`; what hover and copy show. */
export function formatUsdExact(decimal: string): string {
  const negative = decimal.startsWith('-');
  const [whole = '0', fraction = ''] = (negative ? decimal.slice(1) : decimal).split('.');
  const kept = fraction.replace(/0+$/, '').padEnd(2, '0');
  return `${negative ? '−' : ''}$${groupThousands(whole)}.${kept}`;
}

/** Ratio of two amounts as a plain number for drawing only: bar heights and shares, never for sums. */
export function toDrawingNumber(decimal: string): number {
  return Number.parseFloat(decimal);
}

/** The exact amount in picodollars, to compare it with others. Digits past the twelfth are dropped; no amount has them. */
export function toPicos(decimal: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal);
  if (match === null) throw new RangeError(`not a decimal amount: ${decimal.slice(0, 40)}`);
  const [, sign, whole = '0', fraction = ''] = match;
  const picos = BigInt(whole + fraction.slice(0, SCALE).padEnd(SCALE, '0'));
  return sign === '-' ? -picos : picos;
}

const sizeOf = (picos: bigint): bigint => (picos < 0n ? -picos : picos);

/** `size / unit` with thousands separators and a fixed number of decimals, half up. */
function fixed(size: bigint, unit: bigint, decimals: number): string {
  const scale = 10n ** BigInt(decimals);
  const scaled = (size * scale * 2n + unit) / (unit * 2n);
  const whole = (scaled / scale).toString();
  const fraction = (scaled % scale).toString().padStart(decimals, '0');
  return `${groupThousands(whole)}.${fraction}`;
}

function underACent(size: bigint): string {
  const digits = size.toString();
  const drop = Math.max(0, digits.length - SIGNIFICANT_DIGITS);
  const unit = 10n ** BigInt(drop);
  const rounded = ((size * 2n + unit) / (unit * 2n)) * unit;
  if (rounded >= ONE_CENT) return '0.01';
  return `0.${rounded.toString().padStart(SCALE, '0').replace(/0+$/, '')}`;
}

function groupThousands(whole: string): string {
  return whole.replace(/\B(?=(\d{3})+$)/g, ',');
}
