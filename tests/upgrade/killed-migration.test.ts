/** The newest migrations; all of them are in the long form. */
import { expect, test } from 'vitest';
import { killBetweenStatements, statementsOf, undisturbed } from './killed-migration.ts';

test('a migration killed between any two statements leaves nothing behind, and the next start goes through with equal totals', async () => {
  const ledger = await undisturbed();
  expect(ledger.totals).toMatchObject({
    events: [
      { tenant_id: 'acme', count: 60, cost: '0.067407407340', tokens: 6000 },
      { tenant_id: 'default', count: 60, cost: '0.067407407340', tokens: 6000 },
    ],
    keys: [{ tenant_id: 'acme', name: 'a key', role: 'member' }],
  });
  const newest = ledger.migrations.length;
  const kills = await killBetweenStatements(ledger, [newest - 1, newest]);
  expect(kills).toBeGreaterThan(10);
}, 60_000);

test('statements are told apart, whatever stands in strings, comments and blocks', () => {
  expect(statementsOf("a ';' b; -- c; d\n do $$ e; f $$; g 'it''s; h';")).toEqual([
    "a ';' b;",
    ' -- c; d\n do $$ e; f $$;',
    " g 'it''s; h';",
  ]);
});
