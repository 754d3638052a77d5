/** Every act that changes something is in the audit log, with who did it: driven by the list of routes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ALL_ROUTES } from '../../packages/server/src/api/all-routes.ts';
import { ask } from '../openapi/ask.ts';
import { startWorld, type World } from '../openapi/world.ts';

/** What each route that changes something leaves behind; null with the reason why it leaves nothing. */
const ACTIONS: Readonly<Record<string, string | { readonly none: string }>> = {
  'POST /api/usage/events': { none: 'events are the ledger itself' },
  'POST /api/cost/estimate': { none: 'changes nothing' },
  'POST /api/cost/price': { none: 'changes nothing' },
  'POST /api/admin/invariants/check': { none: 'changes nothing' },
  'POST /api/login': 'session.create',
  'POST /api/login/link': 'session.create',
  'POST /api/session/end': 'session.revoke',
  'POST /api/session/password': 'user.password',
  'POST /api/session/tenant': 'session.create',
  'DELETE /api/sessions/:id': 'session.revoke',
  'POST /api/ops/alerts/thresholds': 'threshold.create',
  'PUT /api/ops/alerts/thresholds/:id': 'threshold.replace',
  'DELETE /api/ops/alerts/thresholds/:id': 'threshold.remove',
  'POST /api/admin/agents/:id/budget': 'agent.set_limit',
  'POST /api/admin/agents/:id/budget/reset': 'agent.reset_spend',
  'POST /api/admin/agents/:id/pause': 'agent.pause',
  'POST /api/admin/agents/:id/unpause': 'agent.unpause',
  'POST /api/admin/tenants': 'tenant.create',
  'PATCH /api/admin/tenants/:id': 'tenant.change',
  'POST /api/admin/keys': 'key.create',
  'DELETE /api/admin/keys/:id': 'key.revoke',
  'POST /api/admin/keys/:id/rotate': 'key.rotate',
  'POST /api/admin/projects': 'project.create',
  'POST /api/admin/environments': 'environment.create',
  'POST /api/admin/users': 'user.invite',
  'PATCH /api/admin/users/:id': 'user.change',
  'DELETE /api/admin/users/:id': 'user.remove',
  'POST /api/admin/users/:id/link': 'user.invite_link',
  'DELETE /api/admin/sessions/:id': 'session.revoke',
  'POST /api/admin/prices': 'price_card.add',
  'POST /api/admin/prices/import': 'prices.import',
  'POST /api/admin/prices/refresh': {
    none: 'here the table on the disk is the one in force: nothing changes',
  },
  'DELETE /api/admin/prices/versions/:id': 'prices.version_remove',
  'DELETE /api/admin/prices/:kind/:id': 'price_alias.remove',
  'POST /api/admin/rerating': 'rerating.start',
  'POST /api/admin/rerating/:id/cancel': 'rerating.cancel',
  'PUT /api/admin/tenants/:id/retention': 'retention.set',
  'POST /api/admin/erasure': 'user.erase',
  'POST /api/admin/jobs/:name/run': 'job.run',
};

/** Where an example only looks at what would change: what makes it real. */
const FOR_REAL: Readonly<Record<string, object>> = {
  'POST /api/admin/prices/import': { dry_run: false, confirm: true },
  'POST /api/admin/prices/refresh': { dry_run: false, confirm: true },
  'POST /api/admin/rerating': { dry_run: false },
  'PUT /api/admin/tenants/:id/retention': { dry_run: false },
};

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const CHANGING = Object.keys(ALL_ROUTES).filter((key) => !key.startsWith('GET '));

test('every route that changes something is written down here, and no other', () => {
  expect(CHANGING.toSorted()).toEqual(Object.keys(ACTIONS).toSorted());
});

async function entriesAfter(id: string): Promise<{ id: string; actor: string; action: string }[]> {
  const { rows } = await world.test.server.context.db.asOperator((tx) =>
    tx.query<{ id: string; actor: string; action: string }>(
      'select id, actor, action from audit_log where id > $1 order by id',
      [id],
    ),
  );
  return rows;
}

test.each(Object.entries(ACTIONS))('%s leaves %s', async (key, action) => {
  const endpoint = Object.entries(ALL_ROUTES).find(([name]) => name === key)?.[1];
  if (endpoint === undefined) throw new Error(`${key} is no route`);
  const last = (await entriesAfter('0')).at(-1)?.id ?? '0';
  for (const example of endpoint.examples) {
    const real = FOR_REAL[key];
    const meant = real === undefined ? example : { ...example, body: { ...(example.body ?? {}), ...real } };
    const answer = await ask(world, key, endpoint, meant);
    expect([answer.status, answer.status < 300 ? '' : await answer.text()]).toEqual([answer.status, '']);
  }
  const left = (await entriesAfter(last)).filter(({ actor }) =>
    /^(key|user|session):[0-9a-f-]{36}$/.test(actor),
  );
  if (typeof action === 'string') expect(left.map((one) => one.action)).toContain(action);
  else expect(left).toEqual([]);
});
