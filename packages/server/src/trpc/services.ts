/** What the router needs from the composition root: plain functions over database and clock. */
import type {
  OverviewBreakdown,
  OverviewBreakdownInput,
  OverviewCards,
  OverviewCardsInput,
  OverviewSeries,
  OverviewSeriesInput,
} from '../insights/overview.ts';
import type { Viewer } from '../insights/viewer.ts';
import type { EventListInput } from '../ledger/event-filter.ts';
import type { EventDetail } from '../ledger/read-event.ts';
import type { EventPage } from '../ledger/read-events.ts';

/** A tenant as the picker shows it. */
export interface TenantChoice {
  readonly id: string;
  readonly name: string;
  readonly timezone: string;
}

/** Who is signed in and what they may see. */
export interface SessionInfo {
  readonly name: string;
  readonly role: 'admin' | 'tenant';
  /** The tenants the picker offers; one for a tenant's own session. */
  readonly tenants: readonly TenantChoice[];
  /** Reporting zone to start with. */
  readonly timezone: string;
  readonly product: { readonly name: 'Farthing'; readonly version: string };
}

export interface DashboardServices {
  session(viewer: Viewer): Promise<SessionInfo>;
  overviewCards(viewer: Viewer, input: OverviewCardsInput): Promise<OverviewCards>;
  overviewSeries(viewer: Viewer, input: OverviewSeriesInput): Promise<OverviewSeries>;
  overviewBreakdown(viewer: Viewer, input: OverviewBreakdownInput): Promise<OverviewBreakdown>;
  listEvents(viewer: Viewer, input: EventListInput): Promise<EventPage>;
  /** Null: no such event among those the viewer may see. */
  getEvent(
    viewer: Viewer,
    input: { readonly id: string; readonly tenant?: string | undefined },
  ): Promise<EventDetail | null>;
}
