import type { EventSummary } from '../event/types.ts';

/** What is out of the ordinary about a request, in words. */
export function EventMarks({
  event,
}: {
  readonly event: Pick<EventSummary, 'status' | 'usage_source' | 'cost_usd'>;
}) {
  return (
    <>
      {event.status === 'ok' ? null : (
        <span className="badge" data-tone="critical">
          {event.status}
        </span>
      )}
      {event.usage_source === 'reported' || event.usage_source === 'none' ? null : (
        <span className="badge" data-tone="warning">
          {event.usage_source}
        </span>
      )}
      {event.cost_usd === null ? (
        <span className="badge" data-tone="warning">
          unpriced
        </span>
      ) : null}
    </>
  );
}
