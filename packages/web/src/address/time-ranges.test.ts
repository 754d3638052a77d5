import { expect, it } from 'vitest';
import { rangeStart } from './time-ranges.ts';

const now = Date.parse('2026-03-01T20:30:10Z');

it.each([
  ['7d', 'UTC', '2026-02-23'],
  ['7d', 'Asia/Kathmandu', '2026-02-24'],
  ['mtd', 'America/Los_Angeles', '2026-03-01'],
  ['mtd', 'Pacific/Kiritimati', '2026-03-01'],
  ['24h', 'UTC', '2026-02-28T20:30:00.000Z'],
] as const)('begins %s in %s at %s', (range, zone, start) =>
  expect(rangeStart(range, zone, now)).toBe(start),
);
