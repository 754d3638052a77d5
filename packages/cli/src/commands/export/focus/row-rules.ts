/** What FOCUS 1.2 says of columns together: which are empty with which, what is the product of what. */
import { multiplyDecimals, parseDecimal, sameDecimal } from '@farthing/pricing';
import { SERVICE_CATEGORIES } from './allowed.ts';

/** A row with good values; an empty cell is null. */
export interface CheckedRow {
  /** Null where it is empty, or where the file has no such column. */
  get(column: string): string | null;
  /** True where the file has the column. */
  has(column: string): boolean;
}

export interface RowRule {
  /** The columns of the rule; it is not checked if the file lacks one of them. */
  readonly columns: readonly [string, ...string[]];
  /** What is wrong; null if the rule holds. Reported for the first column. */
  readonly fault: (row: CheckedRow) => string | null;
}

const category = (row: CheckedRow) => row.get('ChargeCategory');
const isCorrection = (row: CheckedRow) => row.get('ChargeClass') === 'Correction';
const isSale = (row: CheckedRow) => category(row) === 'Usage' || category(row) === 'Purchase';

/** Empty exactly where another column is. */
const together = (column: string, other: string): RowRule => ({
  columns: [column, other],
  fault: (row) => {
    if (row.get(other) === null) return row.get(column) === null ? null : `must be empty where ${other} is`;
    return row.get(column) === null ? `must not be empty where ${other} is not` : null;
  },
});

/** Empty where another column is; else it may be. */
const onlyWith = (column: string, other: string): RowRule => ({
  columns: [column, other],
  fault: (row) =>
    row.get(other) === null && row.get(column) !== null ? `must be empty where ${other} is` : null,
});

/** For rows with a price: never a tax, always usage and purchases that are not corrections. */
const priced = (column: string): RowRule => ({
  columns: [column, 'ChargeCategory', 'ChargeClass'],
  fault: (row) => {
    if (category(row) === 'Tax') return row.get(column) === null ? null : 'must be empty for a tax';
    return isSale(row) && !isCorrection(row) && row.get(column) === null
      ? 'must not be empty for usage or a purchase'
      : null;
  },
});

/** Unit price × pricing quantity = cost, to the last digit. */
const product = (cost: string, price: string): RowRule => ({
  columns: [cost, price, 'PricingQuantity', 'ChargeClass'],
  fault: (row) => {
    const [is, unit, quantity] = [row.get(cost), row.get(price), row.get('PricingQuantity')];
    if (is === null || unit === null || quantity === null || isCorrection(row)) return null;
    const should = multiplyDecimals(parseDecimal(unit), parseDecimal(quantity));
    return sameDecimal(parseDecimal(is), should) ? null : `is not ${price} × PricingQuantity`;
  },
});

/** Without a unit price the cost is the billed cost, except for taxes, which follow from other charges. */
const billedWithout = (cost: string, price: string): RowRule => ({
  columns: [cost, price, 'BilledCost', 'ChargeCategory'],
  fault: (row) =>
    row.get(price) === null && category(row) !== 'Tax' && !same(row, cost, 'BilledCost')
      ? `must be BilledCost where ${price} is empty`
      : null,
});

function same(row: CheckedRow, a: string, b: string): boolean {
  const [left, right] = [row.get(a), row.get(b)];
  return left === null || right === null || sameDecimal(parseDecimal(left), parseDecimal(right));
}

const before = (start: string, end: string): RowRule => ({
  columns: [end, start],
  fault: (row) => ((row.get(start) ?? '') < (row.get(end) ?? '') ? null : `must lie after ${start}`),
});

const COMMITMENT = ['CommitmentDiscountCategory', 'CommitmentDiscountType'] as const;

export const ROW_RULES: readonly RowRule[] = [
  before('BillingPeriodStart', 'BillingPeriodEnd'),
  before('ChargePeriodStart', 'ChargePeriodEnd'),
  {
    // Not a sentence of FOCUS: the periods of usage that is billed by the month.
    columns: [
      'ChargePeriodStart',
      'BillingPeriodStart',
      'BillingPeriodEnd',
      'ChargePeriodEnd',
      'ChargeCategory',
    ],
    fault: (row) => {
      if (category(row) !== 'Usage') return null;
      const inside =
        (row.get('ChargePeriodStart') ?? '') >= (row.get('BillingPeriodStart') ?? '') &&
        (row.get('ChargePeriodEnd') ?? '') <= (row.get('BillingPeriodEnd') ?? '');
      return inside ? null : 'usage must lie within its billing period';
    },
  },
  {
    columns: ['ConsumedQuantity', 'ChargeCategory', 'ChargeClass'],
    fault: (row) => {
      const measured = category(row) === 'Usage' && row.get('CommitmentDiscountStatus') !== 'Unused';
      if (!measured)
        return row.get('ConsumedQuantity') === null ? null : 'must be empty for what is not used';
      return row.get('ConsumedQuantity') === null && !isCorrection(row)
        ? 'must not be empty for usage'
        : null;
    },
  },
  together('ConsumedUnit', 'ConsumedQuantity'),
  ...[
    'ListUnitPrice',
    'ContractedUnitPrice',
    'PricingQuantity',
    'PricingCategory',
    'SkuId',
    'SkuPriceId',
  ].map(priced),
  ...['PricingCurrencyListUnitPrice', 'PricingCurrencyContractedUnitPrice'].map(priced),
  together('PricingUnit', 'PricingQuantity'),
  product('ListCost', 'ListUnitPrice'),
  product('ContractedCost', 'ContractedUnitPrice'),
  billedWithout('ListCost', 'ListUnitPrice'),
  billedWithout('ContractedCost', 'ContractedUnitPrice'),
  {
    columns: ['EffectiveCost', 'BilledCost', 'ChargeCategory'],
    fault: (row) =>
      (category(row) === 'Credit' || category(row) === 'Adjustment') &&
      !same(row, 'EffectiveCost', 'BilledCost')
        ? 'must be BilledCost for a credit or an adjustment'
        : null,
  },
  onlyWith('SkuMeter', 'SkuId'),
  onlyWith('SkuPriceDetails', 'SkuPriceId'),
  together('RegionName', 'RegionId'),
  together('SubAccountName', 'SubAccountId'),
  together('SubAccountType', 'SubAccountId'),
  together('BillingAccountType', 'BillingAccountId'),
  onlyWith('ResourceName', 'ResourceId'),
  together('ResourceType', 'ResourceId'),
  ...COMMITMENT.map((column) => together(column, 'CommitmentDiscountId')),
  onlyWith('CommitmentDiscountName', 'CommitmentDiscountId'),
  {
    columns: ['CommitmentDiscountStatus', 'CommitmentDiscountId', 'ChargeCategory'],
    fault: (row) => usedStatus(row, 'CommitmentDiscountStatus', 'CommitmentDiscountId'),
  },
  {
    columns: ['CapacityReservationStatus', 'CapacityReservationId', 'ChargeCategory'],
    fault: (row) => usedStatus(row, 'CapacityReservationStatus', 'CapacityReservationId'),
  },
  {
    columns: ['CommitmentDiscountQuantity', 'CommitmentDiscountId', 'ChargeCategory', 'ChargeClass'],
    fault: (row) => {
      const committed = isSale(row) && row.get('CommitmentDiscountId') !== null;
      const empty = row.get('CommitmentDiscountQuantity') === null;
      if (!committed) return empty ? null : 'must be empty without a commitment';
      return empty && !isCorrection(row) ? 'must not be empty with a commitment' : null;
    },
  },
  together('CommitmentDiscountUnit', 'CommitmentDiscountQuantity'),
  {
    columns: ['ChargeFrequency', 'ChargeCategory'],
    fault: (row) =>
      category(row) === 'Purchase' && row.get('ChargeFrequency') === 'Usage-Based'
        ? 'a purchase is not Usage-Based'
        : null,
  },
  {
    columns: ['ServiceSubcategory', 'ServiceCategory'],
    fault: (row) => {
      const [parent, child] = [row.get('ServiceCategory') ?? '', row.get('ServiceSubcategory') ?? ''];
      return SERVICE_CATEGORIES[parent]?.includes(child) === true ? null : `does not belong to "${parent}"`;
    },
  },
];

function usedStatus(row: CheckedRow, status: string, id: string): string | null {
  if (row.get(id) === null) return row.get(status) === null ? null : `must be empty where ${id} is`;
  return category(row) === 'Usage' && row.get(status) === null
    ? `must not be empty for usage with ${id}`
    : null;
}

/** Each value of the first column goes with one value of the second, over the whole file. */
export const ONE_FOR_EACH: readonly (readonly [each: string, one: string])[] = [
  ['ServiceName', 'ServiceCategory'],
  ['SkuPriceId', 'SkuId'],
  ['SkuPriceId', 'SkuPriceDetails'],
];
