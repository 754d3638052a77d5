import { expect, test } from 'vitest';
import { killedRun, totalOf } from './killed-run.ts';

const EVENTS = 5_000;

test('a run over 5,000 events whose server is killed in the middle goes on and ends with the same totals, while events come in', async () => {
  const { longestMs, meanwhile, ...run } = await killedRun(EVENTS, 2);
  console.log(`re-rating: longest transaction ${longestMs} ms, ${meanwhile} events recorded meanwhile`);
  expect(meanwhile).toBeGreaterThan(0);
  expect(run).toEqual({ broken: [], kills: 2, scanned: EVENTS, adjustments: EVENTS, total: totalOf(EVENTS) });
}, 180_000);
