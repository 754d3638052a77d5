/** What the recorder of this process does, as metrics. */
import { Gauge, type Registry } from '@prometheus-io/client';
import type { RecorderStatus } from '../../record/recorder.ts';

const MODES = [
  'open',
  'spooling',
  'replaying',
  'closed',
] as const satisfies readonly RecorderStatus['mode'][];

/** Adds `farthing_recorder_…` to a registry. */
export function addRecorderMetrics(registry: Registry, status: RecorderStatus): void {
  const tell = (name: string, help: string, value: number) =>
    new Gauge({ name: `farthing_recorder_${name}`, help, registers: [registry] }).set(value);
  tell('queued_events', 'Events that wait for the database or are in a transaction.', status.queuedEvents);
  tell('queued_bytes', 'Approximate memory of those.', status.queuedBytes);
  tell('spooled_events', 'Events on disk, to be replayed.', status.spooledEvents);
  tell('spooled_bytes', 'Bytes of the spool.', status.spooledBytes);
  tell('committed_events', 'Events written since the start.', status.committedEvents);
  tell('commits', 'Transactions since the start.', status.commits);
  tell(
    'quarantined_events',
    'Acknowledged events put into quarantine since the start.',
    status.quarantinedEvents,
  );
  tell('aside_events', 'Events that wait apart from the others, as suspects.', status.asideEvents);
  tell(
    'isolated_events',
    'Events that the database gave up on alone, since the start.',
    status.isolatedEvents,
  );
  tell(
    'last_isolated_timestamp_seconds',
    'Time of the last of them; 0 where there was none.',
    (status.lastIsolated?.at ?? 0) / 1000,
  );
  const mode = new Gauge({
    name: 'farthing_recorder_mode',
    help: '1 for what the recorder is doing: open, spooling, replaying or closed.',
    labelNames: ['mode'],
    registers: [registry],
  });
  for (const one of MODES) mode.set({ mode: one }, status.mode === one ? 1 : 0);
}
