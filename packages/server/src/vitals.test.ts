import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { watchVitals } from './vitals.ts';

test('a turn that holds the loop is seen by its processor time and by the clock', async () => {
  const vitals = watchVitals();
  await sleep(30);
  const cpuAt = () => process.threadCpuUsage().user + process.threadCpuUsage().system;
  const until = cpuAt() + 150_000;
  while (cpuAt() < until);
  await expect.poll(() => vitals.read().sinceStart.busyMs).toBeGreaterThan(140);
  const { sinceStart, recent, peakResidentBytes, residentBytes } = vitals.read();
  expect(sinceStart.wallMs).toBeGreaterThan(100);
  expect(recent).toEqual(sinceStart);
  expect(peakResidentBytes).toBeGreaterThan(residentBytes / 2);
  vitals.close();
});

test('waiting is no stall of the process: it takes no processor time', async () => {
  const vitals = watchVitals();
  await sleep(100);
  expect(vitals.read().sinceStart.busyMs).toBeLessThan(100);
  vitals.close();
});
