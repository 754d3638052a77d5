/** With any value in a parameter, the reading routes answer 2xx or 4xx and change nothing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seedEvent, seedEvents } from '../postgres/seed-events.ts';
import { type ReadingServer, startReading } from './reading-harness.ts';

const NOW = Date.UTC(2026, 10, 22, 13, 7, 33);

let server: ReadingServer;
beforeAll(async () => {
  server = await startReading(NOW);
  await seedEvents(server.database, [
    seedEvent({ tenant: 'globex', id: 'secret', time: NOW - 3_600_000, costPicos: 1n }),
  ]);
});
afterAll(() => server.drop());

const ROUTES = [
  '/api/cost/dashboard',
  '/api/cost/summary',
  '/api/cost/trends',
  '/api/usage/events',
  '/api/usage/events/x',
];

describe('bad input', () => {
  const HOSTILE = [
    "' or 1=1 --",
    '"; drop table tenants; --',
    '$1',
    '%00',
    '__proto__',
    '../../etc',
    '\u202e',
    'a'.repeat(5000),
    '-1',
    '1e9',
    'NaN',
    '{}',
  ];
  const PARAMETERS = [
    'tenant',
    'from',
    'to',
    'timezone',
    'limit',
    'days',
    'group_by',
    'cursor',
    'model',
    'agent',
    'user',
    'status',
    'door',
    'unpriced',
    'tag.x',
    'tag.',
    "tag.';--",
    '__proto__',
    'constructor',
    'unknown',
  ];

  it('meets every hostile value in every parameter with a 2xx or 4xx, and changes nothing', async () => {
    for (const url of ROUTES) {
      for (const name of PARAMETERS) {
        for (const value of HOSTILE) {
          const { status } = await server.get(
            'admin',
            `${url}?${encodeURIComponent(name)}=${value === '%00' ? value : encodeURIComponent(value)}`,
          );
          expect([url, name, value, status < 500]).toEqual([url, name, value, true]);
        }
      }
    }
    expect((await server.get('globex', '/api/usage/events/secret')).status).toBe(200);
  }, 120_000);

  it('names an unknown parameter and the place of a bad one', async () => {
    for (const url of ROUTES)
      expect((await server.get('acme', `${url}?bogus=1`)).body.error.code).toBe('unknown_parameter');
    for (const [query, path] of [
      ['timezone=Mars/Olympus', 'timezone'],
      ['from=2026-02-30', 'from'],
      ['from=2026-11-22&to=2026-11-21', 'to'],
      ['limit=0', 'limit'],
      ['limit=1001', 'limit'],
      ['group_by=nonsense', 'group_by.0'],
    ]) {
      const { status, body } = await server.get('acme', `/api/cost/summary?${query}`);
      expect([query, status, body.error.code, body.error.details[0].path]).toEqual([
        query,
        400,
        'invalid_parameter',
        path,
      ]);
    }
    for (const query of ['cursor=abc', 'limit=5000', 'status=fine', 'unpriced=maybe', 'from=yesterday']) {
      expect((await server.get('acme', `/api/usage/events?${query}`)).body.error.code).toBe(
        'invalid_parameter',
      );
    }
  });

  it('refuses unknown keys and hostile values in procedures without failing', async () => {
    const { status, body } = await server.call('acme', 'overview.cards', { bogus: 1 });
    expect([status, body.error.data.code]).toEqual([400, 'unknown_parameter']);
    for (const value of HOSTILE) {
      for (const input of [
        { timezone: value },
        { from: value },
        { by: value },
        { by: `tag.${value}` },
        { filters: { [value]: [value] } },
        { filters: { model: [value] } },
        { bucket: value },
        { limit: value },
      ]) {
        expect((await server.call('acme', 'overview.series', input)).status).toBeLessThan(500);
      }
    }
    expect((await server.get('acme', '/trpc/no.such')).status).toBe(404);
    expect((await server.get('acme', '/trpc/overview.cards?input=%7B')).status).toBe(400);
  }, 60_000);
});
