/** The columns of a FOCUS 1.2 Cost and Usage file: FOCUS's own in alphabetical order, then ours with `x_`. */
import type { ColumnKind, ExportColumn } from '../table.ts';

/** Names of the columns, and how each is printed. */
const KINDS = {
  BilledCost: 'amount',
  BillingAccountId: 'text',
  BillingAccountName: 'text',
  BillingCurrency: 'text',
  BillingPeriodEnd: 'time',
  BillingPeriodStart: 'time',
  ChargeCategory: 'text',
  ChargeClass: 'text',
  ChargeDescription: 'text',
  ChargeFrequency: 'text',
  ChargePeriodEnd: 'time',
  ChargePeriodStart: 'time',
  ConsumedQuantity: 'amount',
  ConsumedUnit: 'text',
  ContractedCost: 'amount',
  ContractedUnitPrice: 'amount',
  EffectiveCost: 'amount',
  InvoiceId: 'text',
  InvoiceIssuerName: 'text',
  ListCost: 'amount',
  ListUnitPrice: 'amount',
  PricingCategory: 'text',
  PricingQuantity: 'amount',
  PricingUnit: 'text',
  ProviderName: 'text',
  PublisherName: 'text',
  RegionId: 'text',
  RegionName: 'text',
  ServiceCategory: 'text',
  ServiceName: 'text',
  ServiceSubcategory: 'text',
  SkuId: 'text',
  SkuMeter: 'text',
  SkuPriceDetails: 'json',
  SkuPriceId: 'text',
  SubAccountId: 'text',
  SubAccountName: 'text',
  Tags: 'json',
  x_Agent: 'text',
  x_CardId: 'text',
  x_ChargeLines: 'count',
  x_Environment: 'text',
  x_Meter: 'text',
  x_ModelId: 'text',
  x_Operation: 'text',
  x_ServiceTier: 'text',
  x_Speed: 'text',
  x_User: 'text',
  x_Workflow: 'text',
} as const satisfies { readonly [name: string]: ColumnKind };

export type FocusColumn = keyof typeof KINDS;

/** A row as it is printed; null is an empty cell. */
export type FocusRow = { readonly [C in FocusColumn]: string | null };

export const FOCUS_COLUMNS: readonly ExportColumn<FocusRow>[] = (Object.keys(KINDS) as FocusColumn[]).map(
  (name) => ({ name, kind: KINDS[name], read: (row) => row[name] || null }),
);
