import { expect, it } from 'vitest';
import { formatPeriod } from './period.ts';

it.each([
  ['2026-10-01 – 2026-10-22', '1–22 Oct'],
  ['2026-09-24 – 2026-10-23', '24 Sep – 23 Oct'],
  ['2026-11-21 – 2026-11-21', '21 Nov'],
  ['2026-11-21', '21 Nov'],
  ['2026-10', 'October 2026'],
  ['2026-W47', '2026-W47'],
])('names %s as %s', (label, text) => expect(formatPeriod(label)).toBe(text));
