/** State of the spool's and the journal's folder, for `/metrics`. */
import { Gauge, type Registry } from '@prometheus-io/client';
import type { SpoolView } from '../../record/spool/spool.ts';

/** One set of gauges per folder: `farthing_spool_…`, `farthing_journal_…`. */
export async function addDiskGauges(
  registry: Registry,
  folders: { readonly [name in 'spool' | 'journal']: SpoolView },
  now: number,
): Promise<void> {
  for (const [name, view] of Object.entries(folders)) {
    const gauge = (ending: string, help: string, value: number) =>
      new Gauge({ name: `farthing_${name}_${ending}`, help, registers: [registry] }).set(value);
    const { events, bytes, oldestAt, unreadableSegments, refusing } = view.status();
    const { damagedFiles, damagedBytes, setAsideEvents, setAsideBytes } = await view.leftovers();
    gauge('events', 'Events that wait on disk to be recorded.', events);
    gauge('bytes', 'Bytes of them.', bytes);
    const age = oldestAt === null ? 0 : Math.max(0, now - oldestAt) / 1000;
    gauge('oldest_age_seconds', 'How long the oldest of them waits.', age);
    gauge(
      'refusing',
      '1 while nothing more can be kept: the disk fails or the bound is reached.',
      refusing === null ? 0 : 1,
    );
    gauge('unreadable_segments', 'Files of waiting events that cannot be read.', unreadableSegments);
    gauge('damaged_files', 'Files of damaged stretches that nobody has looked at.', damagedFiles);
    gauge('damaged_bytes', 'Bytes of them.', damagedBytes);
    gauge(
      'set_aside_events',
      'Events that neither the ledger nor the quarantine could hold.',
      setAsideEvents,
    );
    gauge('set_aside_bytes', 'Bytes of them.', setAsideBytes);
  }
}
