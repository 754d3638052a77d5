import type { ReratingAnswer } from '@farthing/contract';
import { expect, test } from 'vitest';
import { followRun } from './reprice.ts';

const run = (given: Partial<ReratingAnswer>): ReratingAnswer => ({
  id: '1',
  status: 'running',
  dry_run: true,
  reason: 'prices came late',
  created_at: '2026-11-22T10:00:00.000Z',
  created_by: 'cli:ada',
  finished_at: null,
  tenant: null,
  provider: null,
  model: null,
  from: null,
  to: null,
  unpriced_only: false,
  longest_ms: 0,
  expected: 32,
  scanned: 0,
  changed: 0,
  error: null,
  differences: [],
  ...given,
});

/** What is said of a run that is seen in these states. */
async function said(...states: readonly Partial<ReratingAnswer>[]): Promise<string[]> {
  const lines: string[] = [];
  const left = states.map(run);
  const look = async () => left.shift() ?? run({ status: 'failed' });
  await followRun(
    look,
    (text) => lines.push(text),
    async () => undefined,
  );
  expect(left).toEqual([]);
  return lines;
}

test('the state in which a run ended is said too', async () => {
  expect(await said({}, {}, { status: 'done', scanned: 32, changed: 5 })).toEqual([
    '0 of 32 events rated, 0 would change',
    '32 of 32 events rated, 5 would change',
  ]);
});

test('a state is said once, and a run over nothing in one line', async () => {
  expect(await said({ expected: null }, { expected: null }, { status: 'done', expected: 0 })).toEqual([
    '0 events rated, 0 would change',
    '0 of 0 events rated, 0 would change',
  ]);
  const applied = { status: 'done', expected: 3, scanned: 3, changed: 3, dry_run: false } as const;
  expect(await said(applied)).toEqual(['3 of 3 events rated, 3 changed']);
});
