import { Registry } from '@prometheus-io/client';
import { expect, test } from 'vitest';
import type { RecorderStatus } from '../../record/recorder.ts';
import { addRecorderMetrics } from './recorder-metrics.ts';

const STATUS: RecorderStatus = {
  mode: 'replaying',
  queuedEvents: 3,
  queuedBytes: 9_000,
  spooledEvents: 7,
  spooledBytes: 21_000,
  committedEvents: 100,
  commits: 11,
  quarantinedEvents: 2,
  asideEvents: 5,
  isolatedEvents: 1,
  lastIsolated: { tenant: 'acme', eventId: 'secret-id', reason: 'too much', at: 1_790_000_000_500 },
};

test('every figure of the recorder is told, and no name of an event', async () => {
  const registry = new Registry();
  addRecorderMetrics(registry, STATUS);
  const text = await registry.metrics();
  for (const line of [
    'farthing_recorder_queued_events 3',
    'farthing_recorder_queued_bytes 9000',
    'farthing_recorder_spooled_events 7',
    'farthing_recorder_spooled_bytes 21000',
    'farthing_recorder_committed_events 100',
    'farthing_recorder_commits 11',
    'farthing_recorder_quarantined_events 2',
    'farthing_recorder_aside_events 5',
    'farthing_recorder_isolated_events 1',
    'farthing_recorder_last_isolated_timestamp_seconds 1790000000.5',
    'farthing_recorder_mode{mode="replaying"} 1',
    'farthing_recorder_mode{mode="open"} 0',
  ]) {
    expect(text).toContain(`\n${line}\n`);
  }
  expect(text).not.toContain('secret-id');
});
