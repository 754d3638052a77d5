/** Every statement of every migration since the first release. */
import { expect, test } from 'vitest';
import { killBetweenStatements, undisturbed } from './killed-migration.ts';

test('whichever migration is killed between whichever statements, the ledger comes out the same', async () => {
  const ledger = await undisturbed();
  const all = ledger.migrations.map(({ version }) => version).filter((version) => version > 1);
  const kills = await killBetweenStatements(ledger, all);
  console.log(`${kills} kills in ${all.length} migrations`);
  expect(kills).toBeGreaterThan(60);
});
