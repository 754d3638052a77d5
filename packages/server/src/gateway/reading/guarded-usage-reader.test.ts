import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { DecodedMeter } from './decoded-usage-reader.ts';
import { GuardedMeter } from './guarded-usage-reader.ts';
import type { Meter } from './usage-reader.ts';

const fault = (): never => {
  throw new Error('a fault of the test');
};
const good: Meter = {
  failed: false,
  push: () => 'running',
  stop: () => undefined,
  end: () => null,
  kept: () => ({ text: 'kept', share: 1 }),
};

it.each<[string, Partial<Meter>]>([
  ['push', { push: fault }],
  ['stop', { stop: fault }],
  ['end', { end: fault }],
  ['kept', { kept: fault }],
])('a fault in %s is told once and costs the reading only', (_name, faulty) => {
  const told: unknown[] = [];
  const meter = new GuardedMeter({ ...good, ...faulty }, (error) => told.push(error));
  for (let round = 0; round < 2; round += 1) {
    expect(meter.push(Buffer.from('x'))).toBe('running');
    meter.stop();
    expect(meter.end('complete')).toBeNull();
    meter.kept();
  }
  expect(told).toHaveLength(1);
  expect([meter.failed, meter.kept().text]).toEqual([false, '']);
});

it('a fault where an answer is unpacked, off the event loop, ends no process', async () => {
  const told: unknown[] = [];
  const inner = new GuardedMeter({ ...good, push: fault }, (error) => told.push(error));
  const meter = new DecodedMeter(inner, 'gzip');
  expect(await meter.push(gzipSync('an answer'))).toBe('running');
  expect(told).toHaveLength(1);
});
