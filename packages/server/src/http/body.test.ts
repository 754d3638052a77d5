import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { unpack } from './body.ts';

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
