import { parseUsd, printUsd } from '@farthing/pricing';
import { describe, expect, it } from 'vitest';
import { changePct, percent } from '../costs/sums.ts';
import { projectMonth } from './projection.ts';

const usd = parseUsd;

describe('projectMonth', () => {
  it('adds the mean day for each day left and lifts a quiet morning to it', () => {
    const projection = projectMonth({
      monthToDate: usd('101'),
      today: usd('1'),
      completeDays: Array.from({ length: 10 }, () => usd('10')),
      daysLeft: 5,
    });
    expect(projection && printUsd(projection.picos)).toBe('160'); // 101 + (10 − 1) + 5 × 10
    expect(projection).toMatchObject({
      confidence: 'medium',
      daysSeen: 10,
      lowPicos: usd('160'),
      highPicos: usd('160'),
    });
  });

  it('keeps a day that already cost more than the mean', () => {
    const projection = projectMonth({
      monthToDate: usd('50'),
      today: usd('40'),
      completeDays: [usd('10')],
      daysLeft: 1,
    });
    expect(projection?.picos).toBe(usd('60'));
  });

  it('is sure after two even weeks, unsure of uneven or few days, silent without any', () => {
    const of = (completeDays: bigint[]) =>
      projectMonth({ monthToDate: 1n, today: 0n, completeDays, daysLeft: 3 })?.confidence;
    expect(of(Array.from({ length: 14 }, (_, day) => usd(String(10 + (day % 2)))))).toBe('high');
    expect(of(Array.from({ length: 28 }, (_, day) => (day === 0 ? usd('1000') : 0n)))).toBe('low');
    expect(of([usd('1'), usd('1')])).toBe('low');
    expect(projectMonth({ monthToDate: 0n, today: 0n, completeDays: [], daysLeft: 3 })).toBeNull();
  });

  it('never projects less than was spent', () => {
    const projection = projectMonth({
      monthToDate: usd('500'),
      today: 0n,
      completeDays: [usd('500'), 0n, 0n, 0n],
      daysLeft: 3,
    });
    expect(projection?.lowPicos).toBe(usd('500'));
  });
});

describe('percent', () => {
  it('rounds half away from zero and says nothing about nothing', () => {
    expect(percent(1n, 8n, 2)).toBe(12.5);
    expect(percent(1n, 3n, 2)).toBe(33.33);
    expect(percent(2n, 3n, 2)).toBe(66.67);
    expect(percent(-1n, 8n, 0)).toBe(-13);
    expect(changePct(150n, 100n)).toBe(50);
    expect(changePct(1n, 0n)).toBeNull();
  });
});
