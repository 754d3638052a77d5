import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { csvCell } from '../../../../../server/src/exports/csv.ts';
import { FOCUS_COLUMNS } from '../../../../../server/src/exports/focus/columns.ts';
import { checkFocus, type FocusReport } from './check.ts';

type Row = { readonly [column: string]: string };

const USAGE: Row = {
  BilledCost: '2.5',
  BillingAccountId: 'acme',
  BillingAccountName: 'Acme',
  BillingCurrency: 'USD',
  BillingPeriodEnd: '2026-12-01T00:00:00Z',
  BillingPeriodStart: '2026-11-01T00:00:00Z',
  ChargeCategory: 'Usage',
  ChargeClass: '',
  ChargeDescription: 'Input Tokens',
  ChargeFrequency: 'Usage-Based',
  ChargePeriodEnd: '2026-11-23T00:00:00Z',
  ChargePeriodStart: '2026-11-22T00:00:00Z',
  ConsumedQuantity: '1250000',
  ConsumedUnit: 'Tokens',
  ContractedCost: '2.5',
  ContractedUnitPrice: '2',
  EffectiveCost: '2.5',
  InvoiceId: '',
  InvoiceIssuerName: 'OpenAI',
  ListCost: '3.125',
  ListUnitPrice: '2.5',
  PricingCategory: 'Standard',
  PricingQuantity: '1.25',
  PricingUnit: '1000000 Tokens',
  ProviderName: 'OpenAI',
  PublisherName: 'OpenAI',
  RegionId: '',
  RegionName: '',
  ServiceCategory: 'AI and Machine Learning',
  ServiceName: 'OpenAI API',
  ServiceSubcategory: 'Generative AI',
  SkuId: 'openai/gpt-5.2/input_uncached',
  SkuMeter: 'Input Tokens',
  SkuPriceDetails: '{"x_Model":"gpt-5.2"}',
  SkuPriceId: 'card/input_uncached',
  SubAccountId: '',
  SubAccountName: '',
  Tags: '{"team":"search"}',
};
const UNPRICED = {
  ConsumedQuantity: '',
  ConsumedUnit: '',
  ContractedUnitPrice: '',
  ListUnitPrice: '',
  PricingCategory: '',
  PricingQuantity: '',
  PricingUnit: '',
  SkuId: '',
  SkuMeter: '',
  SkuPriceDetails: '',
  SkuPriceId: '',
};
const ADJUSTMENT: Row = {
  ...USAGE,
  ...UNPRICED,
  ChargeCategory: 'Adjustment',
  ContractedCost: '2.5',
  ListCost: '2.5',
};

function fileOf(rows: readonly Row[], columns = Object.keys(rows[0] ?? {})): string {
  const lines = [columns, ...rows.map((row) => columns.map((name) => row[name] ?? ''))];
  return lines
    .map((cells) => `${cells.map((cell) => csvCell(cell || null, 'text', 'exact')).join(',')}\r\n`)
    .join('');
}
const check = (text: string): Promise<FocusReport> =>
  checkFocus(Readable.from([text], { objectMode: false }));
const told = ({ problems }: FocusReport) =>
  problems.map(({ row, column, severity, message }) => `${row} ${column} ${severity}: ${message}`);

test('rows that keep every rule pass', async () => {
  const more = {
    ...USAGE,
    RegionId: 'eu-west-1',
    RegionName: 'eu-west-1',
    SubAccountId: 'p',
    SubAccountName: 'p',
  };
  const credit = { ...ADJUSTMENT, ChargeCategory: 'Credit', BilledCost: '-1', EffectiveCost: '-1' };
  const given = { ...credit, ContractedCost: '-1.0', ListCost: '-1E0' };
  const correction = { ...USAGE, ChargeClass: 'Correction', ListCost: '99', SkuId: '', SkuMeter: '' };
  const report = await check(
    fileOf([USAGE, ADJUSTMENT, more, given, { ...correction, SkuPriceId: '', SkuPriceDetails: '' }]),
  );
  expect(told(report)).toEqual([]);
  expect(report).toMatchObject({ rows: 5, errors: 0, warnings: 0 });
});

describe('each rule finds the row that breaks it, and names row and column', () => {
  const cases: readonly [string, Row, string, RegExp][] = [
    ['cost missing', { BilledCost: '' }, 'BilledCost', /must not be empty/],
    ['cost in words', { BilledCost: '$2.5' }, 'BilledCost', /not a number/],
    ['thousands apart', { ConsumedQuantity: '1,250,000' }, 'ConsumedQuantity', /not a number/],
    ['a plus', { BilledCost: '+2.5' }, 'BilledCost', /not a number/],
    ['a positive exponent with a sign', { BilledCost: '25E+1' }, 'BilledCost', /not a number/],
    ['a number without end', { BilledCost: `0.${'3'.repeat(80)}` }, 'BilledCost', /not a number/],
    ['account missing', { BillingAccountId: '' }, 'BillingAccountId', /must not be empty/],
    ['account of spaces', { BillingAccountId: '  ' }, 'BillingAccountId', /made of spaces/],
    ['a placeholder', { RegionId: 'N/A', RegionName: 'N/A' }, 'RegionId', /leave it empty/],
    ['no currency', { BillingCurrency: 'TOK' }, 'BillingCurrency', /ISO 4217/],
    ['a small currency', { BillingCurrency: 'usd' }, 'BillingCurrency', /ISO 4217/],
    ['a time without zone', { BillingPeriodEnd: '2026-12-01T00:00:00' }, 'BillingPeriodEnd', /not a time/],
    ['a time elsewhere', { ChargePeriodEnd: '2026-11-23T00:00:00+01:00' }, 'ChargePeriodEnd', /not a time/],
    ['no such day', { BillingPeriodStart: '2026-02-30T00:00:00Z' }, 'BillingPeriodStart', /not a time/],
    [
      'billing backwards',
      { BillingPeriodEnd: '2026-11-01T00:00:00Z' },
      'BillingPeriodEnd',
      /after BillingPeriodStart/,
    ],
    [
      'charge backwards',
      { ChargePeriodEnd: '2026-11-21T00:00:00Z' },
      'ChargePeriodEnd',
      /after ChargePeriodStart/,
    ],
    ['outside its month', { ChargePeriodStart: '2026-10-31T00:00:00Z' }, 'ChargePeriodStart', /within/],
    ['no category', { ChargeCategory: 'Fee' }, 'ChargeCategory', /none of/],
    ['no class', { ChargeClass: 'Fixed' }, 'ChargeClass', /none of/],
    ['no frequency', { ChargeFrequency: 'Daily' }, 'ChargeFrequency', /none of/],
    ['no pricing category', { PricingCategory: 'List' }, 'PricingCategory', /none of/],
    ['no service category', { ServiceCategory: 'AI' }, 'ServiceCategory', /allowed values/],
    ['no subcategory', { ServiceSubcategory: 'Tokens' }, 'ServiceSubcategory', /allowed values/],
    [
      'a subcategory of another',
      { ServiceSubcategory: 'Containers' },
      'ServiceSubcategory',
      /does not belong/,
    ],
    ['usage without quantity', { ConsumedQuantity: '', ConsumedUnit: '' }, 'ConsumedQuantity', /for usage/],
    ['a quantity without unit', { ConsumedUnit: '' }, 'ConsumedUnit', /must not be empty/],
    ['a list price missing', { ListUnitPrice: '', ListCost: '2.5' }, 'ListUnitPrice', /for usage/],
    ['an agreed price missing', { ContractedUnitPrice: '' }, 'ContractedUnitPrice', /for usage/],
    ['a pricing category missing', { PricingCategory: '' }, 'PricingCategory', /for usage/],
    ['a SKU missing', { SkuId: '', SkuMeter: '' }, 'SkuId', /for usage/],
    ['a price id missing', { SkuPriceId: '', SkuPriceDetails: '' }, 'SkuPriceId', /for usage/],
    ['a negative price', { ListUnitPrice: '-2.5', ListCost: '-3.125' }, 'ListUnitPrice', /negative/],
    ['a unit without quantity', { PricingQuantity: '' }, 'PricingUnit', /where PricingQuantity is/],
    ['a quantity without pricing unit', { PricingUnit: '' }, 'PricingUnit', /must not be empty/],
    ['a list cost that is no product', { ListCost: '3.125000000001' }, 'ListCost', /is not ListUnitPrice/],
    [
      'a contracted cost that is none',
      { ContractedCost: '2.4' },
      'ContractedCost',
      /is not ContractedUnitPrice/,
    ],
    ['a meter without SKU', { SkuId: '' }, 'SkuMeter', /where SkuId is/],
    ['details without price', { SkuPriceId: '' }, 'SkuPriceDetails', /where SkuPriceId is/],
    ['a region without name', { RegionId: 'eu' }, 'RegionName', /must not be empty/],
    ['a region’s name alone', { RegionName: 'eu' }, 'RegionName', /must be empty/],
    ['a project’s name alone', { SubAccountName: 'p' }, 'SubAccountName', /must be empty/],
    ['tags that are no JSON', { Tags: '{team:search}' }, 'Tags', /not JSON/],
    ['tags that are a list', { Tags: '["team"]' }, 'Tags', /not an object/],
    ['tags in tags', { Tags: '{"team":{"a":1}}' }, 'Tags', /holds an object/],
    ['a tag twice', { Tags: '{"team":"a","team":"b"}' }, 'Tags', /twice/],
    ['an unknown property', { SkuPriceDetails: '{"Model":"gpt"}' }, 'SkuPriceDetails', /begin with x_/],
    ['a property of another type', { SkuPriceDetails: '{"CoreCount":"4"}' }, 'SkuPriceDetails', /number/],
    ['a unit in small letters', { PricingUnit: '1000000 tokens' }, 'PricingUnit', /not a unit/],
    ['a singular unit', { ConsumedUnit: 'Token' }, 'ConsumedUnit', /not a unit/],
    ['a broken unit', { PricingUnit: '1.5 Tokens' }, 'PricingUnit', /not a unit/],
    ['a second SKU of a price', { SkuId: 'other' }, 'SkuPriceId', /before, in SkuId/],
    [
      'another category of a service',
      { ServiceCategory: 'Web', ServiceSubcategory: 'Other (Web)' },
      'ServiceName',
      /before/,
    ],
    ['nothing said', { ChargeDescription: '' }, 'ChargeDescription', /should not/],
  ];
  test.each(cases)('%s', async (_name, broken, column, message) => {
    const report = await check(fileOf([USAGE, { ...USAGE, ...broken }]));
    const found = report.problems.filter((problem) => problem.column === column);
    expect(told(report)).not.toEqual([]);
    expect(found).toMatchObject([{ row: 3, message: expect.stringMatching(message) }]);
  });

  const others: readonly [string, Row, string, RegExp][] = [
    [
      'a consumed adjustment',
      { ConsumedQuantity: '1', ConsumedUnit: 'Tokens' },
      'ConsumedQuantity',
      /not used/,
    ],
    ['a list cost of its own', { ListCost: '3' }, 'ListCost', /must be BilledCost/],
    ['a contracted cost of its own', { ContractedCost: '3' }, 'ContractedCost', /must be BilledCost/],
    ['an effective cost of its own', { EffectiveCost: '3' }, 'EffectiveCost', /must be BilledCost/],
    ['a taxed price', { ChargeCategory: 'Tax', ListUnitPrice: '1' }, 'ListUnitPrice', /for a tax/],
    ['a purchase by use', { ChargeCategory: 'Purchase' }, 'ChargeFrequency', /not Usage-Based/],
  ];
  test.each(others)('%s', async (_name, broken, column, message) => {
    const report = await check(fileOf([{ ...ADJUSTMENT, ...broken }]));
    expect(report.problems.filter((problem) => problem.column === column)).toMatchObject([
      { row: 2, message: expect.stringMatching(message) },
    ]);
  });

  const commitments: readonly [Row, string][] = [
    [{ CommitmentDiscountStatus: 'Used' }, 'CommitmentDiscountStatus'],
    [{ CommitmentDiscountId: 'c', CommitmentDiscountStatus: 'Half' }, 'CommitmentDiscountStatus'],
    [{ CommitmentDiscountId: 'c' }, 'CommitmentDiscountStatus'],
    [{ CommitmentDiscountQuantity: '1' }, 'CommitmentDiscountQuantity'],
    [{ CommitmentDiscountType: 'Plan' }, 'CommitmentDiscountType'],
    [{ CapacityReservationId: 'r' }, 'CapacityReservationStatus'],
    [{ ResourceName: 'vm' }, 'ResourceName'],
    [{ ResourceId: 'vm' }, 'ResourceType'],
  ];
  test.each(commitments)('what a token has not: %j', async (cells, column) => {
    const more = Object.fromEntries(
      [
        'CommitmentDiscountId',
        'CommitmentDiscountStatus',
        'CommitmentDiscountQuantity',
        'CommitmentDiscountType',
      ]
        .concat([
          'CapacityReservationId',
          'CapacityReservationStatus',
          'ResourceId',
          'ResourceName',
          'ResourceType',
        ])
        .map((name) => [name, '']),
    );
    const good = await check(fileOf([{ ...USAGE, ...more }]));
    expect(told(good)).toEqual([]);
    const report = await check(fileOf([{ ...USAGE, ...more, ...cells }]));
    expect(report.problems.map((problem) => problem.column)).toContain(column);
  });
});

describe('the file as a whole', () => {
  const columns = Object.keys(USAGE);
  const without = (name: string) =>
    fileOf(
      [USAGE],
      columns.filter((column) => column !== name),
    );

  test('has every column it has to have', async () => {
    for (const { name } of FOCUS_COLUMNS.filter((column) => !column.name.startsWith('x_'))) {
      const { problems } = await check(without(name));
      expect(problems.filter((problem) => problem.column === name)).toMatchObject([
        { message: 'is missing' },
      ]);
    }
  });

  test('has no column of its own without x_, none twice, and FOCUS’s first', async () => {
    const headed = async (...names: string[]) => told(await check(fileOf([USAGE], [...names])));
    expect(await headed(...columns, 'Agent')).toEqual([
      '1 Agent error: is no column of FOCUS 1.2 and does not begin with x_',
    ]);
    expect(await headed(...columns, 'Tags')).toEqual(['1 Tags error: stands twice']);
    expect(await headed('x_Agent', ...columns)).toContain(
      '1 BilledCost warning: stands after columns that are not of FOCUS',
    );
  });

  test('is CSV with rows of one length', async () => {
    expect(told(await check(`${fileOf([USAGE])}a,b\r\n`))).toEqual([
      `3  error: has 2 cells, the header has ${columns.length}`,
    ]);
    expect(told(await check(`${fileOf([USAGE])}"open`))).toEqual([expect.stringMatching(/is not CSV/)]);
    expect(told(await check(''))).toEqual(['0  error: the file is empty']);
  });

  test('is told in full numbers and few examples', async () => {
    const rows = Array.from({ length: 500 }, () => ({ ...USAGE, BilledCost: '' }));
    const report = await checkFocus(Readable.from([fileOf(rows)]), { limit: 7 });
    expect([report.rows, report.errors, report.problems.length]).toEqual([500, 500, 7]);
  });
});
