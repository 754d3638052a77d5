/** Thresholds: amounts at which spend is reported, once per period. */
import {
  AppError,
  SEVERITIES,
  type Severity,
  THRESHOLD_PERIODS,
  THRESHOLD_SCOPES,
  type ThresholdPeriod,
  type ThresholdScope,
} from '@farthing/contract';
import { MoneyError, PICOS_PER_USD, parseUsd } from '@farthing/pricing';
import { z } from 'zod';
import { filterValueInput } from '../ledger/event-filter.ts';

/** A threshold: whose spend it watches, and at which amount it alerts. */
export interface ThresholdTerms {
  /** Words for people; null: none. */
  readonly name: string | null;
  readonly scope: ThresholdScope;
  /** A name within the scope; null: each of them on its own. */
  readonly subject: string | null;
  readonly period: ThresholdPeriod;
  readonly amountPicos: bigint;
  readonly severity: Severity;
  readonly enabled: boolean;
}

export interface Threshold extends ThresholdTerms {
  readonly id: string;
  /** Null: kept by administrators, for the sum of all tenants or for every tenant alike. */
  readonly tenant: string | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Largest amount of a threshold. */
export const MAX_AMOUNT_PICOS = 1_000_000_000n * PICOS_PER_USD;
/** Most thresholds of one tenant, and most that administrators keep for all. */
export const MAX_THRESHOLDS = 200;

/** A threshold as callers write it. */
export const thresholdInput = z.strictObject({
  name: filterValueInput.trim().min(1).optional(),
  scope: z
    .enum(THRESHOLD_SCOPES)
    .default('tenant')
    .meta({ description: '`instance` is the sum of all tenants, for administrators.' }),
  subject: filterValueInput
    .min(1)
    .optional()
    .meta({ description: 'One project, agent, …; each of them on its own where absent.' }),
  period: z.enum(THRESHOLD_PERIODS).meta({ description: 'Of the tenant’s zone; weeks begin on Monday.' }),
  amount_usd: z
    .union([z.number(), z.string().max(64)])
    .meta({ description: 'Told once the period’s spend reaches it; above 0, at most 1,000,000,000.' }),
  severity: z.enum(SEVERITIES).default('warning'),
  enabled: z.boolean().default(true),
});

/**
 * Gives an input its meaning for a tenant, or (null) for all of them. Refuses amounts that are none, subjects where a
 * scope has only one, and the sum of all tenants to one of them.
 */
export function readThreshold(input: z.output<typeof thresholdInput>, tenant: string | null): ThresholdTerms {
  const { scope, subject = null, name = null, period, severity, enabled } = input;
  if (scope === 'instance' && tenant !== null) {
    throw new AppError(
      'forbidden',
      'The scope "instance" is the sum of all tenants: only administrators, without a tenant, may use it.',
    );
  }
  if (subject !== null && (scope === 'instance' || scope === 'tenant')) {
    throw refused('subject', `must be left out for the scope "${scope}"`);
  }
  return { name, scope, subject, period, amountPicos: readAmount(input.amount_usd), severity, enabled };
}

function readAmount(given: number | string): bigint {
  let picos: bigint;
  try {
    picos = parseUsd(String(given));
  } catch (error) {
    if (error instanceof MoneyError) throw refused('amount_usd', `is no amount: ${error.message}`);
    throw error;
  }
  if (picos <= 0n) throw refused('amount_usd', 'must be above 0');
  if (picos > MAX_AMOUNT_PICOS) throw refused('amount_usd', 'must be at most 1,000,000,000 USD');
  return picos;
}

function refused(path: string, message: string): AppError {
  return new AppError('invalid_body', `${path} ${message}.`, { details: [{ path, message }] });
}
