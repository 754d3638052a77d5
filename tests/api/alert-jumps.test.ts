/** Spend that reaches several shares of a limit: at once, and step by step. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, record, startApiServer, type Who } from './api-server.ts';

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer({ AGENT_MAX_MONTHLY_COST_USD: '50' });
});
afterAll(() => api.stop());

let calls = 0;
/** Records one call of so many dollars, now. */
const spend = (who: Who, dollars: number, more: Readonly<Record<string, string>>) => {
  calls += 1;
  const time = '2026-11-22T13:00:00Z';
  return record(api, who, [{ id: `call-${calls}`, time, input: dollars * 1_000_000, output: 0, ...more }]);
};
const alertsOf = async (who: Who, query = '') => {
  const { status, body, text } = await api.get(who, `/api/ops/alerts${query}`);
  if (status !== 200) throw new Error(text);
  return body.data.alerts;
};
const brief = (alerts: readonly Record<string, unknown>[]) =>
  alerts.map(({ subject, threshold, severity }) => [subject, threshold, severity]);

describe('agents', () => {
  it('that jump over several shares at once are listed with the highest; the lower ones say which it is', async () => {
    await spend('acme', 5, { agent: 'jumper' });
    expect(await alertsOf('acme', '?subject=jumper')).toEqual([]);
    await spend('acme', 55, { agent: 'jumper' });
    const [highest, ...others] = await alertsOf('acme', '?subject=jumper');
    expect([highest.threshold, highest.metric_value, highest.superseded_by, others]).toEqual([
      100,
      120,
      null,
      [],
    ]);
    const every = await alertsOf('acme', '?subject=jumper&superseded=shown');
    expect(
      every.map(({ threshold, superseded_by }: Record<string, unknown>) => [threshold, superseded_by]),
    ).toEqual([
      [100, null],
      [90, highest.id],
      [75, highest.id],
      [50, highest.id],
    ]);
    expect(await alertsOf('acme', '?subject=jumper')).toHaveLength(1);
  });

  it('that go up step by step are listed with every step', async () => {
    for (const dollars of [25, 12.5, 7.5, 5]) {
      await spend('acme', dollars, { agent: 'climber' });
      await alertsOf('acme');
    }
    expect(brief(await alertsOf('acme', '?subject=climber')).map(([, share]) => share)).toEqual([
      100, 90, 75, 50,
    ]);
  });
});
