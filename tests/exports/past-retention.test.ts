/** Files after retention: what is gone is refused with an answer, never left out and never a broken connection. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ExportServer, readCsv, startExportServer } from './export-server.ts';

let server: ExportServer;
beforeAll(async () => {
  server = await startExportServer();
  const call = (day: string) => ({
    id: day,
    time: `2026-11-${day}T10:00:00Z`,
    provider: 'openai',
    model: 'gpt-5.2',
    task: 'a',
    quantities: { output_text: 1 },
  });
  await server.record(['04', '09', '15'].map(call));
  await server.server.context.db.asOperator(async (tx) => {
    await tx.query("update tenants set events_from = '2026-11-12T00:00:00Z' where id = 'acme'");
  });
});
afterAll(() => server.stop());

const refusal = async (url: string, key = server.acmeKey) => {
  const { status, body } = await server.send('GET', `/api/exports${url}`, { key });
  return { status, code: body.error?.code, message: body.error?.message };
};

test('events of days that are gone are refused with the day to ask from, also without a range', async () => {
  const gone = { status: 410, code: 'past_retention', message: expect.stringContaining('from=2026-11-12') };
  expect(await refusal('/events')).toEqual(gone);
  expect(await refusal('/events?from=2026-11-08')).toEqual(gone);
  expect(await refusal('/events?from=2026-11-01&to=2026-11-05')).toEqual(gone);
  expect(await refusal('/events', server.adminKey)).toEqual(gone);
  // In another zone the watermark lies within a day: the first whole one is named.
  expect((await refusal('/events?timezone=America/New_York')).message).toContain('from=2026-11-12');
  expect((await refusal('/events?timezone=Europe/Berlin')).message).toContain('from=2026-11-13');
});

test('events are answered from there on, and below it where there never were any', async () => {
  const ids = async (query: string) =>
    readCsv((await server.file(`/api/exports/events?${query}`)).text).map(({ id }) => id);
  expect(await ids('from=2026-11-12')).toEqual(['15']);
  expect(await ids('from=2026-11-10')).toEqual(['15']);
  expect(await ids('from=2026-11-05&to=2026-11-08')).toEqual([]);
});

test('sums that single events would answer are refused before the first byte, in whichever bucket', async () => {
  for (const query of ['group_by=task', 'task=a', 'group_by=task&bucket=day&from=2026-11-10']) {
    expect(await refusal(`/costs?${query}`)).toEqual({
      status: 400,
      code: 'invalid_parameter',
      message: expect.stringContaining('2026-11-12'),
    });
  }
  const { text } = await server.file('/api/exports/costs?group_by=task&from=2026-11-12');
  expect(readCsv(text).map(({ task, requests }) => [task, requests])).toEqual([['a', '1']]);
});
