/** A server to take files from, and readers of such files that share nothing with what writes them. */
import { parse } from 'csv-parse/sync';
import { startTestServer, type TestServer } from '../server/test-server.ts';

export const NOW = Date.UTC(2026, 10, 22, 13, 7, 33);

export type Cells = { readonly [column: string]: string };

export interface ExportServer extends TestServer {
  /** GETs a file with this key. */
  file(url: string, key?: string): Promise<{ readonly text: string; readonly headers: Headers }>;
  /** Records events as `acme` unless another key is given; all must be accepted. */
  record(events: readonly object[], key?: string): Promise<void>;
}

export async function startExportServer(env: Record<string, string> = {}): Promise<ExportServer> {
  const test = await startTestServer(env, () => NOW);
  return {
    ...test,
    async file(url, key = test.acmeKey) {
      const answer = await fetch(test.server.url + url, { headers: { authorization: `Bearer ${key}` } });
      const text = await answer.text();
      if (answer.status !== 200) throw new Error(`${answer.status} ${text}`);
      return { text, headers: answer.headers };
    },
    async record(events, key = test.acmeKey) {
      const { body } = await test.send('POST', '/api/usage/events', { key, body: events });
      if (body.data?.accepted !== events.length) throw new Error(JSON.stringify(body).slice(0, 2_000));
    },
  };
}

/** Rows of CSV by column; an empty cell is an empty text. */
export const readCsv = (text: string): Cells[] => parse(text, { columns: true }) as Cells[];

/** Rows of NDJSON. */
export const readNdjson = (text: string): { readonly [column: string]: unknown }[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { readonly [column: string]: unknown });
