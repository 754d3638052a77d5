import { test } from 'vitest';
import { failAtRandomMoments } from './disk-faults.ts';

test('a disk that fails at 200 random moments loses and doubles nothing promised, and recording goes on', () =>
  failAtRandomMoments(200, 2));
