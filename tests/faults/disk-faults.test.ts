import { test } from 'vitest';
import { failAtRandomMoments } from './disk-faults.ts';

test(
  'a disk that is full, over quota, read-only or failing at random moments loses and doubles nothing promised, and recording goes on',
  () => failAtRandomMoments(20, 5),
  120_000,
);
