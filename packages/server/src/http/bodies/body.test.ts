import { gzipSync } from 'node:zlib';
import fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { readJsonBodies, unpack } from './body.ts';

describe('an empty body announced as JSON', () => {
  test.each(['POST', 'DELETE'] as const)('counts as none on %s', async (method) => {
    const app = fastify();
    readJsonBodies(app);
    app.route({ method, url: '/x', handler: ({ body }) => ({ none: body === undefined }) });
    const headers = { 'content-type': 'application/json' };
    const empty = await app.inject({ method, url: '/x', headers: { ...headers, 'content-length': '0' } });
    expect(empty.json()).toEqual({ none: true });
    expect((await app.inject({ method, url: '/x', headers })).json()).toEqual({ none: true });
    const blank = await app.inject({ method, url: '/x', headers, payload: '  ' });
    expect(blank.statusCode).toBeGreaterThanOrEqual(400);
    await app.close();
  });
});

describe('a gzipped body that unpacks to too much', () => {
  test('is refused by the name and value of the setting it is past', async () => {
    const body = gzipSync(Buffer.alloc(5_000, 'a'));
    await expect(unpack(body, 'gzip', 4_096)).rejects.toMatchObject({
      code: 'body_too_large',
      message: expect.stringContaining('4096 bytes (FARTHING_INFLATED_LIMIT_BYTES)'),
    });
  });

  test('is refused by its ratio where that is the nearer bound, without naming a number nobody set', async () => {
    const body = gzipSync(Buffer.alloc(4_000_000, 'a'));
    await expect(unpack(body, 'gzip', 67_108_864)).rejects.toMatchObject({
      code: 'body_too_large',
      message: expect.stringContaining('more than 250 times its size'),
    });
  });
});
