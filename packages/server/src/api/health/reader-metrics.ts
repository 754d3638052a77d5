/** Metrics of reading: how many reads are under way, wait for their turn, and were refused. */
import { Counter, Gauge, type Registry } from '@prometheus-io/client';
import type { Database } from '../../db/database.ts';

/** Adds them to a registry that is made for one scrape. They are this process's own. */
export function addReaderMetrics(registry: Registry, db: Pick<Database, 'reads'>): void {
  const { running, waiting, refused } = db.reads();
  const registers = [registry];
  new Gauge({ name: 'farthing_reads_running', help: 'Reads under way.', registers }).set(running);
  new Gauge({ name: 'farthing_reads_waiting', help: 'Reads that wait for their turn.', registers }).set(
    waiting,
  );
  const counter = new Counter({
    name: 'farthing_reads_refused_total',
    help: 'Reads refused since the start: busy for what their own tenant had under way, late for what others had.',
    labelNames: ['reason'],
    registers,
  });
  for (const [reason, count] of Object.entries(refused)) counter.inc({ reason }, count);
}
