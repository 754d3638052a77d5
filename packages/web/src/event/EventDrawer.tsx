/** One request, opened: how it was priced, down to the raw usage and the price row. Has its own URL. */
import { Drawer } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useRouterState } from '@tanstack/react-router';
import { useState } from 'react';
import { useScope } from '../address/scope.ts';
import { api } from '../api.ts';
import { ScrollRegion } from '../elements/ScrollRegion.tsx';
import { formatLatency } from '../format/count.ts';
import { formatUsdExact } from '../format/money.ts';
import { formatAgo, formatInstant } from '../format/time.ts';
import { Failure } from '../panel/Failure.tsx';
import { ChargeTable } from './ChargeTable.tsx';
import { EventMarks } from './EventMarks.tsx';
import { Facts } from './Facts.tsx';
import { History } from './History.tsx';
import { PriceCards } from './PriceCards.tsx';
import type { EventDetail } from './types.ts';

export function EventDrawer() {
  const { tenant, id } = useParams({ strict: false });
  const navigate = useNavigate();
  const [opener] = useState(() => document.activeElement);
  const parent = useRouterState({
    select: (state) => (state.location.pathname.startsWith('/requests') ? '/requests' : '/'),
  });
  const event = useQuery(api.events.get.queryOptions({ tenant: tenant ?? '', id: id ?? '' }));
  return (
    <Drawer
      opened
      position="right"
      size={620}
      title="Request"
      overlayProps={{ backgroundOpacity: 0.25 }}
      closeButtonProps={{ 'aria-label': 'Close' }}
      onClose={() =>
        void navigate({ to: parent, search: (previous) => previous }).then(() => giveFocusTo(opener))
      }
    >
      {event.error ? (
        <Failure error={event.error} what="The request" onRetry={() => void event.refetch()} />
      ) : event.data === undefined ? (
        <div className="skeleton" style={{ height: 320 }} aria-busy="true" />
      ) : (
        <Detail event={event.data} />
      )}
    </Drawer>
  );
}

/** Back to the row that was opened; to the page where it has gone, or the request was opened by its address. */
function giveFocusTo(opener: Element | null): void {
  const row = opener instanceof HTMLElement && opener.isConnected && opener !== document.body ? opener : null;
  (row ?? document.getElementById('content'))?.focus();
}

function Detail({ event }: { readonly event: EventDetail }) {
  const { timezone } = useScope();
  const { pricing } = event;
  return (
    <article className="event">
      <h2 className="event-model">{event.model}</h2>
      <p className="panel-note" style={{ margin: 0 }}>
        {event.provider} · {event.operation}
        {event.latency_ms === null ? null : ` · ${formatLatency(event.latency_ms)}`} · usage{' '}
        {event.usage_source}
        <br />
        {formatInstant(event.time, timezone)} · {formatAgo(event.time, Date.now())}
      </p>
      <div className="card-figure big" style={{ overflowWrap: 'anywhere', whiteSpace: 'normal' }}>
        {event.cost_usd === null ? '—' : formatUsdExact(event.cost_usd)}
      </div>
      <p style={{ margin: '0 0 8px', display: 'flex', gap: 6, flexWrap: 'wrap' }}>
        <EventMarks event={event} />
      </p>
      {event.cost_usd === null ? <UnpricedWhy event={event} /> : null}

      <h3>How was this priced?</h3>
      <ChargeTable pricing={pricing} />
      <PriceCards pricing={pricing} />
      {pricing.reported_cost_usd === null ? null : (
        <p>
          The provider itself stated <strong>${pricing.reported_cost_usd}</strong>.
        </p>
      )}
      <details>
        <summary>Raw usage, as the provider sent it</summary>
        {pricing.convention === null ? null : <p className="panel-note">Read as {pricing.convention}.</p>}
        <ScrollRegion className="snippet" label="Raw usage">
          {JSON.stringify(pricing.raw_usage, null, 2)}
        </ScrollRegion>
      </details>
      {event.anomalies.length === 0 ? null : (
        <>
          <h3>Contradictions in the response</h3>
          <ul>
            {event.anomalies.map((anomaly) => (
              <li key={anomaly.code + anomaly.message}>
                {anomaly.message} <span className="mono">({anomaly.code})</span>
              </li>
            ))}
          </ul>
        </>
      )}
      <History adjustments={event.adjustments} timezone={timezone} />
      <h3>Attribution</h3>
      <Facts event={event} />
    </article>
  );
}

function UnpricedWhy({ event }: { readonly event: EventDetail }) {
  const { unpriced } = event.pricing;
  return (
    <div className="notice">
      <div>
        <strong>This request has no price.</strong>{' '}
        {unpriced.length === 0
          ? 'The response carried no usage to price.'
          : `No price is known for ${unpriced.join(', ')} of ${event.model} at ${event.provider} at that time.`}{' '}
        What is known comes to {formatUsdExact(event.priced_subtotal_usd)}; it stands in no total.
      </div>
    </div>
  );
}
