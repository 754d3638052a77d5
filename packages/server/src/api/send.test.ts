import { fastify } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AnswerKind, stream, text } from './answer-kinds.ts';
import { sendEnvelope, sendKind } from './send.ts';

const app = fastify();
const csv: AnswerKind = stream('text/csv; charset=utf-8');
let made = 0;

async function* rows(count: number, breaksAt = Number.POSITIVE_INFINITY): AsyncGenerator<string> {
  for (let row = 0; row < count; row++) {
    if (row === breaksAt) throw new Error('the database went away');
    made++;
    yield `${row},${'x'.repeat(1_000)}\n`;
  }
}

let url: string;
beforeAll(async () => {
  app.get('/file', (request, reply) =>
    sendKind(
      csv,
      { type: 'text/csv; charset=utf-8', fileName: 'costs "2026"\r\n.csv', content: rows(50) },
      { request, reply, etag: false },
    ),
  );
  app.get('/endless', (request, reply) =>
    sendKind(csv, { type: 'text/csv', content: rows(1e9) }, { request, reply, etag: false }),
  );
  app.get('/broken', (request, reply) =>
    sendKind(csv, { type: 'text/csv', content: rows(100, 50) }, { request, reply, etag: false }),
  );
  app.get('/data', (request, reply) =>
    sendEnvelope({ success: true, data: 1 }, { request, reply, etag: true }),
  );
  app.get('/page', (request, reply) => sendKind(text('text/html'), '<p>', { request, reply, etag: false }));
  url = await app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => app.close());

describe('a file', () => {
  it('arrives whole, under a name that cannot break out of its header', async () => {
    const answer = await fetch(`${url}/file`);
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="costs__2026___.csv"');
    expect((await answer.text()).split('\n')).toHaveLength(51);
  });

  it('is made only as fast as it is read, and no further when the reader goes', async () => {
    const answer = await fetch(`${url}/endless`);
    const reader = answer.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await expect
      .poll(async () => {
        const before = made;
        await new Promise((resolve) => setTimeout(resolve, 50));
        return made - before;
      })
      .toBe(0);
    expect(made).toBeLessThan(100_000);
  });

  it('that breaks off on the way is no whole answer', async () => {
    const answer = await fetch(`${url}/broken`);
    await expect(answer.text()).rejects.toThrow();
  });
});

describe('an ETag', () => {
  it('spares the answer to who names it, weak or strong, alone, among others, or as *', async () => {
    const first = await fetch(`${url}/data`);
    const etag = first.headers.get('etag') ?? '';
    expect(await first.json()).toEqual({ success: true, data: 1 });
    for (const named of [etag, etag.slice(2), `"a", ${etag}`, '*']) {
      expect((await fetch(`${url}/data`, { headers: { 'if-none-match': named } })).status).toBe(304);
    }
    for (const other of ['"a"', 'W/', '', etag.slice(0, -2)]) {
      expect((await fetch(`${url}/data`, { headers: { 'if-none-match': other } })).status).toBe(200);
    }
  });
});

it('a text goes out as it is', async () => {
  const answer = await fetch(`${url}/page`);
  expect([answer.headers.get('content-type'), await answer.text()]).toEqual(['text/html', '<p>']);
});
