/** A stand-in for Farthing's `POST /api/usage/events`: keeps what comes, answers as the test sets. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface CollectedEvent {
  readonly id: string;
  readonly [field: string]: unknown;
}

/** How the next requests are answered. */
export interface Manner {
  status?: number;
  delayMs?: number;
  headers?: Record<string, string>;
  /** Refuse events of this model. */
  refuseModel?: string;
}

export interface Collector {
  readonly url: string;
  /** Each event once, whatever was sent again. */
  readonly events: CollectedEvent[];
  readonly requests: { url: string; headers: IncomingHttpHeaders; count: number }[];
  readonly manner: Manner;
  close(): Promise<void>;
}

export async function startCollector(): Promise<Collector> {
  const events: CollectedEvent[] = [];
  const requests: Collector['requests'] = [];
  const manner: Manner = {};
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks);
    const zipped = request.headers['content-encoding'] === 'gzip';
    const batch = JSON.parse((zipped ? gunzipSync(raw) : raw).toString()) as CollectedEvent[];
    requests.push({ url: request.url ?? '', headers: request.headers, count: batch.length });
    if (manner.delayMs !== undefined) await new Promise((done) => setTimeout(done, manner.delayMs).unref());
    const status = manner.status ?? 200;
    response.writeHead(status, { 'content-type': 'application/json', ...manner.headers });
    if (status >= 400) {
      const error = { code: 'internal', message: 'told to', request_id: 'r' };
      return response.end(JSON.stringify({ success: false, error }));
    }
    const results = batch.map((event) => {
      if (event['model'] === manner.refuseModel && manner.refuseModel !== undefined) {
        return { status: 'rejected', id: event.id, error: { code: 'invalid_event', message: 'refused' } };
      }
      const known = events.some((one) => one.id === event.id);
      if (!known) events.push(event);
      return { status: known ? 'duplicate' : 'accepted', id: event.id, cost_usd: '0' };
    });
    return response.end(JSON.stringify({ success: true, data: { results } }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    events,
    requests,
    manner,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
