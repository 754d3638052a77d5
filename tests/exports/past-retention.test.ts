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

test('events of days that are gone are refused with the day to ask from where they were asked for', async () => {
  const gone = { status: 410, code: 'past_retention', message: expect.stringContaining('from=2026-11-12') };
  expect(await refusal('/events?from=2026-11-08')).toEqual(gone);
  expect(await refusal('/events?from=2026-11-01&to=2026-11-05')).toEqual(gone);
  expect(await refusal('/events?from=2026-11-01', server.adminKey)).toEqual(gone);
  expect(await refusal('/focus?from=2026-11-01')).toEqual(gone);
  // Of a range that ends before, nothing is left to answer.
  expect(await refusal('/events?to=2026-11-05')).toEqual(gone);
  expect(await refusal('/focus?to=2026-11-05')).toEqual(gone);
  // In another zone the watermark lies within a day: the first whole one is named.
  const since = async (zone: string) => (await refusal(`/events?from=2026-11-01&timezone=${zone}`)).message;
  expect(await since('America/New_York')).toContain('from=2026-11-12');
  expect(await since('Europe/Berlin')).toContain('from=2026-11-13');
});

test.each([
  ['/events', 'events-acme-2026-11-12_2026-11-22.csv'],
  ['/events?timezone=Europe/Berlin', 'events-acme-2026-11-13_2026-11-22.csv'],
  ['/events?to=2026-11-20&format=ndjson', 'events-acme-2026-11-12_2026-11-20.ndjson'],
  ['/costs?group_by=task', 'costs-acme-2026-11-12_2026-11-22.csv'],
  ['/costs?group_by=model&task=a&bucket=week', 'costs-acme-2026-11-12_2026-11-22.csv'],
  ['/focus', 'focus-acme-2026-11-12_2026-11-22.csv'],
  ['/focus?to=2026-11-20', 'focus-acme-2026-11-12_2026-11-20.csv'],
])('%s without a beginning begins with what is kept, and says so', async (url, name) => {
  const { text, headers } = await server.file(`/api/exports${url}`);
  const [, first] = /acme-(\d{4}-\d{2}-\d{2})/.exec(name) ?? [];
  expect(headers.get('x-farthing-kept-from')).toBe(first);
  expect(headers.get('content-disposition')).toBe(`attachment; filename="farthing-${name}"`);
  expect(text.trim().split('\n')).toHaveLength(name.endsWith('ndjson') ? 1 : 2);
});

test('of all tenants the one that keeps least says where such a file begins', async () => {
  for (const url of ['/api/exports/events', '/api/exports/focus', '/api/exports/costs?group_by=task']) {
    const { headers } = await server.file(url, server.adminKey);
    expect([url, headers.get('x-farthing-kept-from')]).toEqual([url, '2026-11-12']);
  }
});

test('a file that is whole is not said to be cut', async () => {
  for (const url of [
    '/events?from=2026-11-12',
    '/costs',
    '/focus?from=2026-11-12',
    '/events?from=2026-11-10',
  ]) {
    expect((await server.file(`/api/exports${url}`)).headers.get('x-farthing-kept-from')).toBeNull();
  }
  // Nothing of theirs is gone.
  const theirs = await server.file('/api/exports/events', server.globexKey);
  expect(theirs.headers.get('x-farthing-kept-from')).toBeNull();
});

test('events are answered from there on, and below it where there never were any', async () => {
  const ids = async (query: string) =>
    readCsv((await server.file(`/api/exports/events?${query}`)).text).map(({ id }) => id);
  expect(await ids('from=2026-11-12')).toEqual(['15']);
  expect(await ids('from=2026-11-10')).toEqual(['15']);
  expect(await ids('from=2026-11-05&to=2026-11-08')).toEqual([]);
});

test('sums that single events would answer are refused before the first byte, in whichever bucket', async () => {
  for (const query of ['group_by=task', 'task=a', 'group_by=task&bucket=day'].map(
    (one) => `${one}&from=2026-11-10`,
  )) {
    expect(await refusal(`/costs?${query}`)).toEqual({
      status: 400,
      code: 'invalid_parameter',
      message: expect.stringContaining('2026-11-12'),
    });
  }
  const { text } = await server.file('/api/exports/costs?group_by=task&from=2026-11-12');
  expect(readCsv(text).map(({ task, requests }) => [task, requests])).toEqual([['a', '1']]);
});
