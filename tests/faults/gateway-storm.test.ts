import { it } from 'vitest';
import { storm } from './storm.ts';

it('calls of every kind whose clients leave at any moment leave nothing behind: no place, no memory, no connection', async () => {
  await storm({ settings: {}, runs: 20, callsAtOnce: 40 });
});
