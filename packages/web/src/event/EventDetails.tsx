/** How a request was priced, down to the raw usage and the price row, and what it belongs to. */
import { useScope } from '../address/scope.ts';
import { Note } from '../elements/Note.tsx';
import { Notice } from '../elements/Notice.tsx';
import { Snippet } from '../elements/Snippet.tsx';
import { formatLatency } from '../format/count.ts';
import { formatUsdExact } from '../format/money.ts';
import { formatAgo, formatInstant } from '../format/time.ts';
import { ChargeTable } from './ChargeTable.tsx';
import styles from './EventDetails.module.css';
import { EventMarks } from './EventMarks.tsx';
import { Facts } from './Facts.tsx';
import { History } from './History.tsx';
import { PriceCards } from './PriceCards.tsx';
import type { OpenedEvent } from './types.ts';

interface EventProps {
  readonly event: OpenedEvent;
}

export function EventDetails({ event }: EventProps) {
  const { timezone } = useScope();
  return (
    <article className={styles['event']}>
      <Summary event={event} timezone={timezone} />
      <h3>How was this priced?</h3>
      <Pricing pricing={event.pricing} />
      <Anomalies anomalies={event.anomalies} />
      <History adjustments={event.adjustments} timezone={timezone} />
      <h3>Attribution</h3>
      <Facts event={event} />
    </article>
  );
}

function Summary({ event, timezone }: EventProps & { readonly timezone: string }) {
  return (
    <>
      <h2>{event.model}</h2>
      <Note tight>
        {event.provider} · {event.operation}
        {event.latency_ms === null ? null : ` · ${formatLatency(event.latency_ms)}`} · usage{' '}
        {event.usage_source}
        <br />
        {formatInstant(event.time, timezone)} · {formatAgo(event.time, Date.now())}
      </Note>
      <p className={styles['cost']}>
        {event.cost_usd === null ? '—' : <data value={event.cost_usd}>{formatUsdExact(event.cost_usd)}</data>}
      </p>
      <p className={styles['marks']}>
        <EventMarks event={event} />
      </p>
      {event.cost_usd === null ? <UnpricedWhy event={event} /> : null}
    </>
  );
}

function UnpricedWhy({ event }: EventProps) {
  const { unpriced } = event.pricing;
  return (
    <Notice>
      <strong>This request has no price.</strong>{' '}
      {unpriced.length === 0
        ? 'The response carried no usage to price.'
        : `No price is known for ${unpriced.join(', ')} of ${event.model} at ${event.provider} at that time.`}{' '}
      What is known comes to {formatUsdExact(event.priced_subtotal_usd)}; it stands in no total.
    </Notice>
  );
}

function Pricing({ pricing }: Pick<OpenedEvent, 'pricing'>) {
  return (
    <>
      <ChargeTable pricing={pricing} />
      <PriceCards pricing={pricing} />
      {pricing.reported_cost_usd === null ? null : (
        <p>
          The provider itself stated <strong>${pricing.reported_cost_usd}</strong>.
        </p>
      )}
      <details>
        <summary>Raw usage, as the provider sent it</summary>
        {pricing.convention === null ? null : <Note>Read as {pricing.convention}.</Note>}
        <Snippet text={JSON.stringify(pricing.raw_usage, null, 2)} label="Raw usage" copy={false} />
      </details>
    </>
  );
}

function Anomalies({ anomalies }: Pick<OpenedEvent, 'anomalies'>) {
  if (anomalies.length === 0) return null;
  return (
    <>
      <h3>Contradictions in the response</h3>
      <ul>
        {anomalies.map(({ code, message }) => (
          <li key={code + message}>
            {message} <code>({code})</code>
          </li>
        ))}
      </ul>
    </>
  );
}
