import { SEVERITIES } from '@farthing/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Alert } from './alert.ts';
import { supersededIn } from './supersede.ts';

const alert = (id: number, change: Partial<Alert> = {}): Alert => ({
  id: String(id),
  tenant: 'acme',
  alertName: 'agent_budget_threshold',
  severity: 'warning',
  message: '',
  metricValue: '120',
  threshold: '50',
  costUsd: '60',
  limitUsd: '50',
  scope: 'agent',
  subject: 'crawler',
  period: 'month',
  periodStart: new Date(0),
  thresholdId: null,
  supersededBy: null,
  createdAt: new Date(0),
  ...change,
});
const of = (...told: readonly Alert[]) => Object.fromEntries(supersededIn(told));

describe('supersededIn', () => {
  it('leaves the highest threshold that was reached, compared as amounts and not as text', () => {
    const told = ['9.5', '50', '100', '75'].map((threshold, n) => alert(n, { threshold }));
    expect(of(...told)).toEqual({ 0: '2', 1: '2', 3: '2' });
    expect(of(alert(1))).toEqual({});
    expect(of()).toEqual({});
  });

  it('leaves one that is more severe than all above it', () => {
    const told = [
      alert(1, { threshold: '10', severity: 'info' }),
      alert(2, { threshold: '20', severity: 'critical' }),
      alert(3, { threshold: '30', severity: 'info' }),
    ];
    expect(of(...told)).toEqual({ 1: '3' });
  });

  it.each<[string, Partial<Alert>]>([
    ['tenant', { tenant: 'globex' }],
    ['tenant, where one is about all', { tenant: null }],
    ['kind', { alertName: 'daily_threshold' }],
    ['scope', { scope: 'user' }],
    ['subject', { subject: 'other' }],
    ['period', { periodStart: new Date(1) }],
  ])('never across another %s', (_what, other) => {
    expect(of(alert(1), alert(2, { threshold: '100', ...other }))).toEqual({});
  });

  it('names one that stands itself, of a higher threshold and no less severe', () => {
    const drawn = fc.record({ threshold: fc.nat(5).map(String), severity: fc.constantFrom(...SEVERITIES) });
    fc.assert(
      fc.property(fc.array(drawn, { maxLength: 8 }), (changes) => {
        const told = changes.map((change, n) => alert(n, change));
        const superseded = supersededIn(told);
        const byId = new Map(told.map((one) => [one.id, one]));
        for (const one of told) {
          const by = byId.get(superseded.get(one.id) ?? '');
          const above = told.filter(
            (other) =>
              Number(other.threshold) > Number(one.threshold) &&
              SEVERITIES.indexOf(other.severity) >= SEVERITIES.indexOf(one.severity),
          );
          expect(by === undefined).toBe(above.length === 0);
          if (by === undefined) continue;
          expect(above).toContain(by);
          expect(superseded.has(by.id)).toBe(false);
        }
      }),
    );
  });
});
