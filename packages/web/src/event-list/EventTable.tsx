/** Requests as rows; each opens its own page beside the table. */
import { Link, useNavigate } from '@tanstack/react-router';
import { EventMarks } from '../event/EventMarks.tsx';
import type { EventSummary } from '../event/types.ts';
import { Amount } from '../figures/Amount.tsx';
import { Count } from '../figures/Count.tsx';
import { columnDecimals } from '../format/money.ts';
import { formatClock, formatDayOf, formatInstant } from '../format/time.ts';

interface EventTableProps {
  readonly events: readonly EventSummary[];
  readonly timezone: string;
  /** Where a row leads: the drawer over this page. */
  readonly drawer: '/event/$tenant/$id' | '/requests/$tenant/$id';
  /** Ids that arrived while the page was open. */
  readonly fresh?: ReadonlySet<string>;
  /** Show the day beside the clock. */
  readonly withDay?: boolean;
  /** Show whose request it is, where several tenants are mixed. */
  readonly withTenant?: boolean;
}

export function EventTable({
  events,
  timezone,
  drawer,
  fresh,
  withDay = false,
  withTenant = false,
}: EventTableProps) {
  const navigate = useNavigate();
  const decimals = columnDecimals(events.map((event) => event.cost_usd));
  return (
    <div className="table-scroll">
      <table className="figures events">
        <thead>
          <tr>
            <th scope="col">time</th>
            <th scope="col">model</th>
            {withTenant ? (
              <th scope="col" className="wide-only">
                tenant
              </th>
            ) : null}
            <th scope="col" className="wide-only">
              project
            </th>
            <th scope="col" className="wide-only">
              agent
            </th>
            <th scope="col" className="num wide-only">
              tokens in → out
            </th>
            <th scope="col" className="num">
              cost
            </th>
          </tr>
        </thead>
        <tbody>
          {events.map((event) => (
            <tr
              key={`${event.tenant}/${event.id}`}
              className={fresh?.has(event.id) ? 'fresh' : undefined}
              onClick={() =>
                void navigate({
                  to: drawer,
                  params: { tenant: event.tenant, id: event.id },
                  search: (previous) => previous,
                })
              }
            >
              <td style={{ whiteSpace: 'nowrap' }} title={formatInstant(event.time, timezone)}>
                {withDay ? <span className="day">{formatDayOf(event.time, timezone)} </span> : null}
                {formatClock(event.time, timezone)}
              </td>
              <td className="name">
                <Link
                  to={drawer}
                  params={{ tenant: event.tenant, id: event.id }}
                  search={(previous) => previous}
                  className="event-link"
                  onClick={(click) => click.stopPropagation()}
                  title={`${event.model} at ${event.provider}`}
                >
                  {event.model}
                </Link>
                <EventMarks event={event} />
              </td>
              {withTenant ? <td className="wide-only agent">{event.tenant}</td> : null}
              <td className="wide-only agent" title={event.project ?? 'no project was named'}>
                {event.project ?? '—'}
              </td>
              <td className="wide-only agent" title={event.agent ?? 'no agent was named'}>
                {event.agent ?? '—'}
              </td>
              <td className="num wide-only">
                <Count of={event.input_tokens} /> → <Count of={event.output_tokens} />
              </td>
              <td className="num">
                <Amount usd={event.cost_usd} decimals={decimals} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
