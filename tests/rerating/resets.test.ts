/** What an agent's reset remembers, when prices are corrected afterwards. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readAgentSpend, readMonthSpend } from '../../packages/server/src/agent-spend/agent-spend.ts';
import { createAgentRegistry } from '../../packages/server/src/budgets/agent-registry.ts';
import { listAgents } from '../../packages/server/src/budgets/agent-rows.ts';
import { withScope } from '../../packages/server/src/costs/with-scope.ts';
import { testEvent } from '../ledger/events.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';
import { openPricedLedger, type PricedLedger } from './priced-ledger.ts';

let store: TestDatabase;
let ledger: PricedLedger;
beforeAll(async () => {
  store = await createTestDatabase();
  ledger = await openPricedLedger(store.database);
});
afterAll(async () => {
  await ledger.close();
  await store.drop();
});

const NOW = Date.now();
const PRICED = { valid_from: '2020-01-01T00:00:00.000Z' };

async function spend(name: string) {
  const [found] = await withScope(store.database, null, async (scope) => {
    const tenants = scope.tenants.map(({ id }) => id);
    const agents = await listAgents(scope.tx, { tenants, after: null, limit: 100 });
    const asked = { now: NOW, defaultLimitPicos: 50n };
    return (await readAgentSpend(scope, agents, asked)).filter(({ agent }) => agent.name === name);
  });
  return found === undefined ? null : { usd: Number(found.currentPicos) / 1e12, requests: found.requests };
}
const reset = (name: string) => {
  const registry = createAgentRegistry({
    db: store.database,
    now: Date.now,
    monthSpend: (tx, agent) => readMonthSpend(tx, agent, NOW),
  });
  return registry.change({ tenant: null, idOrName: name, actor: 'test' }, { kind: 'reset' });
};
const call = (agent: string, model: string) =>
  testEvent({ model, attribution: { agent }, time: NOW, input: 1_000_000, output: 0 });
const price = (model: string, usd: string) =>
  ledger.price({ model, ...PRICED, rates: { input_uncached: usd, output_text: '1' } });

test.each([
  ['dearer', '4'],
  ['cheaper', '0.25'],
])(
  'an agent that made no call since its reset has spent nothing, though its calls before became %s',
  async (model, later) => {
    await price(model, '1');
    await ledger.recorder.record([call(model, model), call(model, model)]);
    await reset(model);
    expect(await spend(model)).toEqual({ usd: 0, requests: 0 });
    await price(model, later);
    await ledger.rerate({ model });
    expect(await spend(model)).toEqual({ usd: 0, requests: 0 });
    await ledger.recorder.record([call(model, model)]);
    expect(await spend(model)).toEqual({ usd: Number(later), requests: 1 });
  },
);

test('calls that get their first price after the reset stay set back too; those after it count, corrected', async () => {
  await ledger.recorder.record([call('late', 'late')]);
  await reset('late');
  await ledger.recorder.record([call('late', 'late'), call('other', 'late')]);
  await price('late', '3');
  await ledger.rerate({ model: 'late' });
  expect(await spend('late')).toEqual({ usd: 3, requests: 1 });
  expect(await spend('other')).toEqual({ usd: 3, requests: 1 });
});
