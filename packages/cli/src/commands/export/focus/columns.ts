/** What FOCUS 1.2 says of each column of Cost and Usage by itself. */
import { CHARGE_CATEGORIES, CHARGE_FREQUENCIES, PRICING_CATEGORIES, SERVICE_CATEGORIES } from './allowed.ts';

export interface ColumnRule {
  /**
   * `mandatory`: in every file. `conditional`: in files of services like ours (metered, with list prices, projects,
   * regions and tags). `recommended`: its absence is a warning. `optional`: about things that tokens do not have.
   */
  readonly presence: 'mandatory' | 'conditional' | 'recommended' | 'optional';
  readonly type: 'text' | 'decimal' | 'time' | 'pairs';
  /** True where no row may leave it out. */
  readonly required?: true;
  readonly allowed?: readonly string[];
  /** `currency`: a code of ISO 4217. `unit`: written as units are. */
  readonly form?: 'currency' | 'unit';
  readonly notNegative?: true;
}

const text = (presence: ColumnRule['presence'], more: Omit<ColumnRule, 'presence' | 'type'> = {}) =>
  ({ presence, type: 'text', ...more }) satisfies ColumnRule;
const decimal = (presence: ColumnRule['presence'], more: Omit<ColumnRule, 'presence' | 'type'> = {}) =>
  ({ presence, type: 'decimal', ...more }) satisfies ColumnRule;
const time = { presence: 'mandatory', type: 'time', required: true } satisfies ColumnRule;
const required = { required: true } as const;

/** Every column that FOCUS 1.2 defines for Cost and Usage. */
export const COLUMN_RULES: { readonly [name: string]: ColumnRule } = {
  AvailabilityZone: text('optional'),
  BilledCost: decimal('mandatory', required),
  BillingAccountId: text('mandatory', required),
  BillingAccountName: text('mandatory'),
  BillingAccountType: text('optional'),
  BillingCurrency: text('mandatory', { required: true, form: 'currency' }),
  BillingPeriodEnd: time,
  BillingPeriodStart: time,
  CapacityReservationId: text('optional'),
  CapacityReservationStatus: text('optional', { allowed: ['Used', 'Unused'] }),
  ChargeCategory: text('mandatory', { required: true, allowed: CHARGE_CATEGORIES }),
  ChargeClass: text('mandatory', { allowed: ['Correction'] }),
  ChargeDescription: text('mandatory'),
  ChargeFrequency: text('recommended', { required: true, allowed: CHARGE_FREQUENCIES }),
  ChargePeriodEnd: time,
  ChargePeriodStart: time,
  CommitmentDiscountCategory: text('optional', { allowed: ['Spend', 'Usage'] }),
  CommitmentDiscountId: text('optional'),
  CommitmentDiscountName: text('optional'),
  CommitmentDiscountQuantity: decimal('optional'),
  CommitmentDiscountStatus: text('optional', { allowed: ['Used', 'Unused'] }),
  CommitmentDiscountType: text('optional'),
  CommitmentDiscountUnit: text('optional', { form: 'unit' }),
  ConsumedQuantity: decimal('conditional'),
  ConsumedUnit: text('conditional', { form: 'unit' }),
  ContractedCost: decimal('mandatory', required),
  ContractedUnitPrice: decimal('conditional', { notNegative: true }),
  EffectiveCost: decimal('mandatory', required),
  InvoiceId: text('recommended'),
  InvoiceIssuerName: text('mandatory', required),
  ListCost: decimal('mandatory', required),
  ListUnitPrice: decimal('conditional', { notNegative: true }),
  PricingCategory: text('conditional', { allowed: PRICING_CATEGORIES }),
  PricingCurrency: text('optional', { required: true, form: 'currency' }),
  PricingCurrencyContractedUnitPrice: decimal('optional', { notNegative: true }),
  PricingCurrencyEffectiveCost: decimal('optional', required),
  PricingCurrencyListUnitPrice: decimal('optional', { notNegative: true }),
  PricingQuantity: decimal('mandatory'),
  PricingUnit: text('mandatory', { form: 'unit' }),
  ProviderName: text('mandatory', required),
  PublisherName: text('mandatory', required),
  RegionId: text('conditional'),
  RegionName: text('conditional'),
  ResourceId: text('optional'),
  ResourceName: text('optional'),
  ResourceType: text('optional'),
  ServiceCategory: text('mandatory', { required: true, allowed: Object.keys(SERVICE_CATEGORIES) }),
  ServiceName: text('mandatory', required),
  ServiceSubcategory: text('recommended', {
    required: true,
    allowed: Object.values(SERVICE_CATEGORIES).flat(),
  }),
  SkuId: text('conditional'),
  SkuMeter: text('conditional'),
  SkuPriceDetails: { presence: 'conditional', type: 'pairs' },
  SkuPriceId: text('conditional'),
  SubAccountId: text('conditional'),
  SubAccountName: text('conditional'),
  SubAccountType: text('optional'),
  Tags: { presence: 'conditional', type: 'pairs' },
};
