/** Groups of charge lines as rows of a FOCUS 1.2 Cost and Usage file. */

import { type Meter, parseUsd, printUsd } from '@farthing/pricing';
import { DAY_MS } from '../../clock/lengths.ts';
import type { LineGroup } from '../../costs/charge-lines.ts';
import type { FocusRow } from './columns.ts';
import { print } from './decimal.ts';
import { meterDetails, meterName, namesOf, pricingUnitName, unitName } from './names.ts';
import { type PriceSources, priceParts, type UnitPricedPart } from './prices.ts';

/** Values common to all rows of a tenant's day. */
export interface DayFrame {
  readonly tenant: string;
  readonly tenantName: string;
  /** Unix milliseconds, UTC. */
  readonly day: number;
}

/** Prefix of the tags that Farthing itself sets. */
export const TAG_PREFIX = 'farthing/';
/** Before a user's own tag key that begins with it. */
export const ESCAPED_PREFIX = 'user:';

/** The rows of a group: a usage row for each unit price, or an adjustment. */
export function focusRows(group: LineGroup, frame: DayFrame, sources: PriceSources): readonly FocusRow[] {
  const common = commonCells(group, frame);
  if (group.meter === 'reported_difference') return [{ ...common, ...adjustmentCells(group) }];
  return priceParts(group, sources).map((part) => ({ ...common, ...usageCells(group, part) }));
}

type Cells = Partial<FocusRow>;

function commonCells(group: LineGroup, { tenant, tenantName, day }: DayFrame) {
  const names = namesOf(group.provider, group.priced_model);
  const date = new Date(day);
  const month = (ahead: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + ahead, 1);
  return {
    BillingAccountId: tenant,
    BillingAccountName: tenantName || tenant,
    BillingCurrency: 'USD',
    BillingPeriodEnd: instant(month(1)),
    BillingPeriodStart: instant(month(0)),
    ChargeClass: null,
    ChargeFrequency: 'Usage-Based',
    ChargePeriodEnd: instant(day + DAY_MS),
    ChargePeriodStart: instant(day),
    InvoiceId: null,
    InvoiceIssuerName: names.provider,
    ProviderName: names.provider,
    PublisherName: names.publisher,
    RegionId: group.region,
    RegionName: group.region,
    ServiceCategory: 'AI and Machine Learning',
    ServiceName: names.service,
    ServiceSubcategory: 'Generative AI',
    SubAccountId: group.project,
    SubAccountName: group.project,
    Tags: tagsOf(group),
    x_Agent: group.agent,
    x_CardId: group.card_id,
    x_ChargeLines: String(group.lines),
    x_Environment: group.environment,
    x_Meter: group.meter,
    x_ModelId: group.model,
    x_Operation: group.operation,
    x_ServiceTier: group.tier,
    x_Speed: group.speed,
    x_User: group.user,
    x_Workflow: group.workflow,
  } satisfies Cells;
}

function usageCells(group: LineGroup, part: UnitPricedPart) {
  const { meter, pricingPer, listCard, step } = part;
  const billed = print(part.billed);
  // The card and meter of the price list, so the same for every tenant whatever its negotiated price.
  const model = listCard === null ? group.priced_model : listCard.model;
  const provider = listCard === null ? group.provider : listCard.provider;
  const card = listCard?.id ?? group.card_id ?? 'none';
  return {
    BilledCost: billed,
    ChargeCategory: 'Usage',
    ChargeDescription: `${meterName(meter)}, ${group.provider} ${group.model}, ${group.tier}`,
    ConsumedQuantity: print(part.consumed),
    ConsumedUnit: unitName(meter),
    ContractedCost: print(part.contractedCost),
    ContractedUnitPrice: print(part.contractedPrice),
    EffectiveCost: billed,
    ListCost: print(part.listCost),
    ListUnitPrice: print(part.listPrice),
    PricingCategory: 'Standard',
    PricingQuantity: print(part.pricingQuantity),
    PricingUnit: pricingUnitName(meter, pricingPer),
    SkuId: `${provider}/${model}/${meter}`,
    SkuMeter: meterName(meter),
    SkuPriceDetails: priceDetails(meter, part, provider, model),
    SkuPriceId: `${card}/${meter}${step === null ? '' : `/${step}`}`,
  } satisfies Cells;
}

/** Properties of the price alone, so that they are the same in every row that has it. */
function priceDetails(
  meter: Meter,
  { listCard, step }: UnitPricedPart,
  provider: string,
  model: string,
): string {
  return JSON.stringify({
    x_Provider: provider,
    x_Model: model,
    ...meterDetails(meter),
    ...(listCard === null ? {} : { x_ServiceTier: listCard.tier, x_Speed: listCard.speed }),
    ...(listCard === null || listCard.region === null ? {} : { x_Region: listCard.region }),
    ...(step === null ? {} : { x_From: String(step) }),
  });
}

/** The difference between our computed cost and the cost the provider stated: it has no price and no quantity. */
function adjustmentCells(group: LineGroup) {
  const amount = printUsd(parseUsd(group.amount));
  return {
    BilledCost: amount,
    ChargeCategory: 'Adjustment',
    ChargeDescription: `Difference to the cost stated by the provider, ${group.provider} ${group.model}`,
    ConsumedQuantity: null,
    ConsumedUnit: null,
    ContractedCost: amount,
    ContractedUnitPrice: null,
    EffectiveCost: amount,
    ListCost: amount,
    ListUnitPrice: null,
    PricingCategory: null,
    PricingQuantity: null,
    PricingUnit: null,
    SkuId: null,
    SkuMeter: null,
    SkuPriceDetails: null,
    SkuPriceId: null,
  } satisfies Cells;
}

function tagsOf({ tags, environment, agent, user, workflow }: LineGroup): string | null {
  const own = Object.entries({ environment, agent, user, workflow }).flatMap(([key, value]) =>
    value === null ? [] : [[TAG_PREFIX + key, value] as const],
  );
  const users = Object.entries(tags ?? {}).map(
    ([key, value]) => [ESCAPES.test(key) ? ESCAPED_PREFIX + key : key, value] as const,
  );
  return own.length + users.length === 0 ? null : JSON.stringify(Object.fromEntries([...users, ...own]));
}

/** Keys that would be mistaken for ours, or for an escaped key. */
const ESCAPES = /^(user:)*farthing\//;

const instant = (at: number): string => new Date(at).toISOString().replace('.000Z', 'Z');
