/** Requests as rows; each opens its own page beside the table. */
import type { RequestPath } from '@farthing/contract/pages';
import { Link, useNavigate } from '@tanstack/react-router';
import { EventMarks } from '../event/EventMarks.tsx';
import type { ListedEvent } from '../event/types.ts';
import { Count } from '../figures/Count.tsx';
import { type Column, chooseColumns } from '../figures/column.ts';
import { Figures } from '../figures/Figures.tsx';
import { amountColumn } from '../figures/figure-columns.tsx';
import { formatClock, formatDayOf, formatInstant } from '../format/time.ts';
import styles from './EventTable.module.css';

/** Where all requests are of one tenant. */
const OWN_COLUMNS = ['time', 'model', 'project', 'agent', 'tokens', 'cost'];
/** Where several tenants are mixed. */
const MIXED_COLUMNS = ['time', 'model', 'tenant', 'project', 'agent', 'tokens', 'cost'];

interface EventTableProps {
  readonly caption: string;
  readonly events: readonly ListedEvent[];
  readonly timezone: string;
  /** Where a row leads: the drawer over this page. */
  readonly drawer: RequestPath;
  /** Ids that arrived while the page was open. */
  readonly fresh?: ReadonlySet<string>;
  /** Show the day beside the clock. */
  readonly withDay?: boolean;
  /** Show whose request it is, where several tenants are mixed. */
  readonly withTenant?: boolean;
}

export function EventTable(props: EventTableProps) {
  const { caption, events, drawer, fresh, withTenant = false } = props;
  const navigate = useNavigate();
  return (
    <Figures
      caption={caption}
      // The list comes sorted, page by page: sorting the part that is on screen would mislead.
      sortable={false}
      columns={chooseColumns(eventColumns(props), withTenant ? MIXED_COLUMNS : OWN_COLUMNS)}
      rows={events}
      rowKey={({ tenant, id }) => `${tenant}/${id}`}
      isFresh={({ id }) => fresh?.has(id) ?? false}
      onOpen={({ tenant, id }) =>
        void navigate({ to: drawer, params: { tenant, id }, search: (previous) => previous })
      }
    />
  );
}

function eventColumns(props: EventTableProps): readonly Column<ListedEvent>[] {
  const { events, timezone, drawer, withDay = false } = props;
  return [
    {
      id: 'time',
      head: 'time',
      kind: 'brief',
      hover: ({ time }) => formatInstant(time, timezone),
      cell: ({ time }) => (
        <>
          {withDay ? <span className={styles['day']}>{formatDayOf(time, timezone)} </span> : null}
          {formatClock(time, timezone)}
        </>
      ),
    },
    { id: 'model', head: 'model', kind: 'name', cell: (event) => <Model event={event} drawer={drawer} /> },
    { id: 'tenant', head: 'tenant', kind: 'label', shown: 'wide', cell: ({ tenant }) => tenant },
    {
      id: 'project',
      head: 'project',
      kind: 'label',
      shown: 'wide',
      hover: ({ project }) => project ?? 'no project was named',
      cell: ({ project }) => project ?? '—',
    },
    {
      id: 'agent',
      head: 'agent',
      kind: 'label',
      shown: 'wide',
      hover: ({ agent }) => agent ?? 'no agent was named',
      cell: ({ agent }) => agent ?? '—',
    },
    {
      id: 'tokens',
      head: 'tokens in → out',
      kind: 'figure',
      shown: 'wide',
      cell: (event) => (
        <>
          <Count of={event.input_tokens} /> → <Count of={event.output_tokens} />
        </>
      ),
    },
    amountColumn({ id: 'cost', head: 'cost' }, (event) => event.cost_usd, events),
  ];
}

function Model({ event, drawer }: Pick<EventTableProps, 'drawer'> & { readonly event: ListedEvent }) {
  return (
    <>
      <Link
        to={drawer}
        params={{ tenant: event.tenant, id: event.id }}
        search={(previous) => previous}
        className={styles['link']}
        onClick={(click) => click.stopPropagation()}
        title={`${event.model} at ${event.provider}`}
      >
        {event.model}
      </Link>
      <EventMarks event={event} />
    </>
  );
}
