import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { DecodedUsageReader } from './decoded-usage-reader.ts';
import { GuardedUsageReader } from './guarded-usage-reader.ts';
import type { UsageReader } from './usage-reader.ts';

const fault = (): never => {
  throw new Error('a fault of the test');
};
const good: UsageReader = {
  failed: false,
  push: () => 'running',
  stop: () => undefined,
  end: () => null,
  kept: () => ({ text: 'kept', share: 1 }),
};

it.each<[string, Partial<UsageReader>]>([
  ['push', { push: fault }],
  ['stop', { stop: fault }],
  ['end', { end: fault }],
  ['kept', { kept: fault }],
])('a fault in %s is told once and costs the reading only', (_name, faulty) => {
  const told: unknown[] = [];
  const reader = new GuardedUsageReader({ ...good, ...faulty }, (error) => told.push(error));
  for (let round = 0; round < 2; round += 1) {
    expect(reader.push(Buffer.from('x'))).toBe('running');
    reader.stop();
    expect(reader.end('complete')).toBeNull();
    reader.kept();
  }
  expect(told).toHaveLength(1);
  expect([reader.failed, reader.kept().text]).toEqual([false, '']);
});

it('a fault where an answer is unpacked, off the event loop, ends no process', async () => {
  const told: unknown[] = [];
  const inner = new GuardedUsageReader({ ...good, push: fault }, (error) => told.push(error));
  const reader = new DecodedUsageReader(inner, 'gzip');
  expect(await reader.push(gzipSync('an answer'))).toBe('running');
  expect(told).toHaveLength(1);
});
