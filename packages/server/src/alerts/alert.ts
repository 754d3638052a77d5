/** Alerts: spend that has reached something, told once. */
import type { AlertName, Severity, ThresholdPeriod, ThresholdScope } from '@farthing/contract';

/** Something reached. Two crossings with the same tenant, name, subject, period and `crossing` are the same one. */
export interface Crossing {
  /** Null: about the sum of all tenants. */
  readonly tenant: string | null;
  readonly alertName: AlertName;
  readonly severity: Severity;
  /** One sentence for people. */
  readonly message: string;
  /** Decimal text: per cent of the limit for agents, USD for amounts. */
  readonly metricValue: string;
  /** In the unit of `metricValue`. */
  readonly threshold: string;
  /** What the period has cost, decimal USD. */
  readonly costUsd: string;
  /** What it may cost, or the amount that was reached. */
  readonly limitUsd: string;
  readonly scope: ThresholdScope;
  readonly subject: string | null;
  readonly period: ThresholdPeriod;
  /** Unix milliseconds. */
  readonly periodStart: number;
  readonly thresholdId: string | null;
  /** What was crossed, together with the limit it had: another limit can be crossed anew. */
  readonly crossing: string;
}

/** A crossing that was told. */
export interface Alert extends Omit<Crossing, 'crossing' | 'periodStart'> {
  /** Grows: a later alert has a larger one. Decimal text. */
  readonly id: string;
  readonly periodStart: Date;
  /** Id of the alert that says more of the same spend, reached at the same time; null: it stands for itself. */
  readonly supersededBy: string | null;
  readonly createdAt: Date;
}
