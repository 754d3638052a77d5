/** Alerts: spend that has reached a threshold, reported once. */
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
  /** The limit, or the amount that was reached. */
  readonly limitUsd: string;
  readonly scope: ThresholdScope;
  readonly subject: string | null;
  readonly period: ThresholdPeriod;
  /** Unix milliseconds. */
  readonly periodStart: number;
  readonly thresholdId: string | null;
  /** The threshold together with the limit at that time: a changed limit can be crossed again. */
  readonly crossing: string;
}

/** A crossing that was stored and reported. */
export interface Alert extends Omit<Crossing, 'crossing' | 'periodStart'> {
  /** Grows: a later alert has a larger one. Decimal text. */
  readonly id: string;
  readonly periodStart: Date;
  /** Id of the higher alert about the same spend that was reached at the same time; null if none supersedes it. */
  readonly supersededBy: string | null;
  readonly createdAt: Date;
}
