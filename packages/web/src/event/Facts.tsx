import styles from './Facts.module.css';
import type { OpenedEvent } from './types.ts';

/** Who and what the request belongs to; only what was said. */
export function Facts({ event }: { readonly event: OpenedEvent }) {
  const facts: readonly (readonly [string, string | null])[] = [
    ['tenant', event.tenant],
    ['project', event.project],
    ['environment', event.environment],
    ['agent', event.agent],
    ['user', event.user],
    ['workflow', event.workflow],
    ['task', event.task],
    ['session', event.session],
    ['request id', event.request_id],
    ['requested model', event.requested_model === event.model ? null : event.requested_model],
    ['service tier', event.pricing.service_tier],
    ['came in by', event.door],
    ['event id', event.id],
    ['response id', event.response_id],
    ...Object.entries(event.tags).map(([key, value]) => [`tag ${key}`, value] as const),
  ];
  return (
    <dl className={styles['facts']}>
      {facts.map(([name, value]) =>
        value === null ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}
