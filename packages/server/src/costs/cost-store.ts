/**
 * Where figures come from. `postgres/` is one store. Another engine would be another folder with the same answers, to
 * the picodollar. Each sum is read in one snapshot of the ledger. A store sees only its caller's rows; `tenants`
 * narrows them further.
 */
import type { Interval } from '../clock/interval.ts';
import type { EventFilter } from '../ledger/event-filter.ts';
import type { EventPage } from '../ledger/reading/read-events.ts';
import type { DayCount, DayQuery, LineGroup } from './charge-lines.ts';
import type { CostPlan } from './cost-plan.ts';
import type { CostFilters, Dimension } from './cost-query.ts';
import type { EventExtras } from './event-extras.ts';
import type { ScopedTenant } from './scoped-tenant.ts';
import type { AllSums, SumField } from './sums.ts';

type Tenants = readonly ScopedTenant[];

/** Sums: all that charts, tables and limits ask. */
export interface SumStore {
  /** Throws (`invalid_parameter`) where {@link sum} would. Reads nothing. */
  check(tenants: Tenants, plan: CostPlan): void;
  /** Sums a plan. Refuses what the store cannot answer, in the words of the parameter that asks too much. */
  sum<F extends SumField>(tenants: Tenants, plan: CostPlan<F>): Promise<SummedPlan<F>>;
  /** Sums of periods, one entry for each in their order: overlapping ones too. Refuses as {@link sum} does. */
  sumPeriods<F extends SumField>(
    tenants: Tenants,
    asked: PeriodsQuery<F>,
  ): Promise<readonly Pick<AllSums, F>[]>;
  /** True if sums answer a query by these dimensions. Sums stay when single events are deleted. */
  outlivesEvents(dimensions: Iterable<Dimension>): boolean;
  /** Day of the earliest event in its tenant's reporting zone, `2026-11-22`; null without events. */
  firstDay(tenants: Tenants): Promise<string | null>;
  /**
   * Of these stretches those in which their tenant had calls, whether or not their events are still kept. A quarter hour
   * that a stretch reaches into counts whole.
   */
  stretchesWithCalls<S extends TenantStretch>(stretches: readonly S[]): Promise<readonly S[]>;
  /** When a workflow of this name has used anything, by tenant; tenants without it are left out. */
  workflowTimes(tenants: Tenants, workflow: string): Promise<readonly WorkflowTimes[]>;
  /** First and last call of a workflow in a stretch, by the events that are kept; null without any. */
  workflowCalls(stretch: TenantStretch, workflow: string): Promise<FirstAndLast | null>;
}

/** Single events as lists and files show them. */
export interface EventStore {
  /** One page, newest first. Walking the cursor shows every event once, also while newer ones arrive. */
  events(tenants: Tenants, asked: EventsQuery): Promise<EventPage>;
  /** Details that the event list leaves out, one entry per event in their order; null for an event deleted meanwhile. */
  eventExtras(events: readonly EventKey[]): Promise<readonly (EventExtras | null)[]>;
}

/** Lines of charges, for files that follow an invoice. */
export interface ChargeStore {
  /** The UTC days of an interval on which there were calls, by tenant and day. */
  countDays(tenants: Tenants, interval: Interval): Promise<readonly DayCount[]>;
  /** One part of a tenant's UTC day. The groups of a part are complete. */
  chargeLines(asked: DayQuery): Promise<readonly LineGroup[]>;
}

export interface CostStore extends SumStore, EventStore, ChargeStore {}

/** Sums of one bucket and group. */
export interface SummedRow<F extends SumField> {
  /** n ≥ 0: bucket n of the asked period; −1−n: bucket n of the compared one. */
  readonly slot: number;
  /** From 1 on, by rank; `limit + 1` is everything below. Without groups: 1. */
  readonly place: number;
  /** By `groupBy`; "" where the events carry none. */
  readonly values: readonly string[];
  readonly sums: Pick<AllSums, F>;
}

export interface SummedPlan<F extends SumField> {
  /** By place. Groups and buckets without a request have none. */
  readonly rows: readonly SummedRow<F>[];
  readonly groupCount: number;
  /** The tables that were read. */
  readonly sources: readonly string[];
}

/**
 * `compared`: a period that another is compared with. Deleted single events are left out of it instead of being
 * refused.
 */
export interface AskedPeriod extends Interval {
  readonly compared?: boolean;
}

export interface PeriodsQuery<F extends SumField> {
  readonly periods: readonly AskedPeriod[];
  readonly filters: CostFilters;
  readonly fields: readonly F[];
}

export interface TenantStretch extends Interval {
  readonly tenant: string;
}

export interface FirstAndLast {
  /** Unix milliseconds. */
  readonly first: number;
  readonly last: number;
}

export interface WorkflowTimes {
  readonly tenant: string;
  /** Its calls, by the events that are kept; null where none is. */
  readonly calls: FirstAndLast | null;
  /** Its first and last day in the tenant's zone, `2026-11-22`, by sums that outlive the events; null without any. */
  readonly days: { readonly first: string; readonly last: string } | null;
}

/** Times are Unix milliseconds, `[from, to)`; null = open. */
export interface EventsQuery {
  readonly from: number | null;
  readonly to: number | null;
  readonly filter: EventFilter;
  /** As `next_cursor` of the page before; absent = the newest. */
  readonly cursor: string | undefined;
  readonly limit: number;
}

export interface EventKey {
  readonly tenant: string;
  readonly id: string;
}
