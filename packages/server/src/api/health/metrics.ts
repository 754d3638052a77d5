/** `GET /metrics`: what monitoring reads, in Prometheus' text format. */
import { Gauge, Registry } from '@prometheus-io/client';
import manifest from '../../../package.json' with { type: 'json' };
import type { AppContext } from '../../context.ts';
import { text } from '../answer-kinds.ts';
import { endpoint } from '../endpoint.ts';
import { addDiskGauges } from './disk-gauges.ts';
import { gatewayMetrics } from './gateway-metrics.ts';
import { addReaderMetrics } from './reader-metrics.ts';
import { addRecorderMetrics } from './recorder-metrics.ts';

export const getMetrics = endpoint({
  access: 'instance:manage',
  summary: 'What monitoring reads, in Prometheus’ text format.',
  description:
    'Needs a key with the permission `instance:manage`; give Prometheus one with that scope alone. Every process tells the same of invariants and jobs: they are the database’s.',
  tags: ['operations'],
  answer: text('text/plain; version=0.0.4; charset=utf-8'),
  examples: [{ name: 'scrape' }],
  handle: async ({ context }) => (await gather(context)).metrics(),
});

/** Recreated for each scrape: the figures are the database's, not this process's. */
async function gather(context: AppContext): Promise<Registry> {
  const { watch, jobs, vitals, recorder, journal, now } = context;
  const registry = new Registry();
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Gauge<Label>({ name, help, labelNames: [...labelNames], registers: [registry] });
  const build = gauge('farthing_build_info', 'Version of Farthing and of Node.js.', ['version', 'node']);
  build.set({ version: manifest.version, node: process.version }, 1);

  const { sinceStart, recent, residentBytes, peakResidentBytes } = vitals.read();
  const stall = gauge(
    'farthing_event_loop_stall_seconds',
    'Longest turn of the event loop, by the clock and by its processor time, since the start and of late.',
    ['clock', 'since'],
  );
  for (const [since, { wallMs, busyMs }] of Object.entries({ start: sinceStart, minute: recent })) {
    stall.set({ clock: 'wall', since }, wallMs / 1000);
    stall.set({ clock: 'processor', since }, busyMs / 1000);
  }
  gauge('farthing_process_resident_bytes', 'Memory of this process.', []).set(residentBytes);
  gauge('farthing_process_peak_resident_bytes', 'Most memory of this process since its start.', []).set(
    peakResidentBytes,
  );

  gatewayMetrics(registry, context.gatewayRooms);
  await addDiskGauges(registry, { spool: recorder.spool, journal: journal.files }, now());
  addReaderMetrics(registry, context.db);
  addRecorderMetrics(registry, recorder.status());

  const broken = gauge('farthing_invariant_broken', '1 where the last proof found an invariant broken.', [
    'invariant',
  ]);
  const checked = gauge('farthing_invariant_checked_timestamp_seconds', 'Time of the last proof.', [
    'invariant',
  ]);
  for (const { invariant, ok, checked_at } of await watch.last()) {
    broken.set({ invariant }, ok ? 0 : 1);
    checked.set({ invariant }, Date.parse(checked_at) / 1000);
  }

  const started = gauge('farthing_job_started_timestamp_seconds', 'Start of the last run.', ['job']);
  const duration = gauge('farthing_job_duration_seconds', 'Duration of the last run that ended.', ['job']);
  const failures = gauge('farthing_job_failures', 'Failures since the last run that succeeded.', ['job']);
  for (const { name: job, last, failures: failed } of (await jobs.status()).jobs) {
    failures.set({ job }, failed);
    if (last === null) continue;
    started.set({ job }, last.startedAt.getTime() / 1000);
    if (last.durationMs !== null) duration.set({ job }, last.durationMs / 1000);
  }
  return registry;
}
