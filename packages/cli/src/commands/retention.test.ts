import { expect, test } from 'vitest';
import { retentionText } from './retention.ts';

const found = {
  tenant: 'acme',
  days: 10,
  instance_days: null,
  effective_days: 10,
  events_from: null,
  moves_to: '2026-11-12T00:00:00.000Z',
  events_going: 3,
};

test('a dry run says at once that it is one, and what is set does not', () => {
  expect(retentionText({ ...found, dry_run: true })).toMatch(
    /^Dry run: events of acme would be kept 10 days/,
  );
  expect(retentionText({ ...found, dry_run: false })).toMatch(/^Events of acme are kept 10 days/);
});

test('setting fewer days than a month has warns of monthly FOCUS files', () => {
  expect(retentionText({ ...found, dry_run: true })).toContain('31 days');
  expect(retentionText({ ...found, days: 31, effective_days: 31, dry_run: true })).not.toContain('FOCUS');
  expect(retentionText(found)).not.toContain('FOCUS');
});
