import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { openStream } from '@farthing/pricing/extract';
import { describe, expect, it } from 'vitest';
import { DecodedUsageReader } from './decoded-usage-reader.ts';
import { PlainUsageReader } from './usage-reader.ts';

const hint = { provider: 'openai', surface: 'chat' };
const usage = { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 };
const answer = (content: string) =>
  JSON.stringify({ object: 'chat.completion', model: 'gpt-4o', choices: [{ message: { content } }], usage });

async function read(bytes: Buffer, encoding: string, size = 16_384) {
  const reader = new DecodedUsageReader(new PlainUsageReader(openStream(hint), null), encoding);
  for (let at = 0; at < bytes.length; at += size) await reader.push(bytes.subarray(at, at + size));
  return reader.end('complete');
}

describe('a compressed answer', () => {
  it.each([
    ['gzip', gzipSync],
    [' GZIP ', gzipSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ] as const)('is read for its usage: %s', async (encoding, compress) => {
    const text = answer(Array.from({ length: 20_000 }, (_, index) => `word ${index * 7919}`).join(' '));
    const reading = await read(compress(Buffer.from(text)), encoding);
    expect(reading).toMatchObject({ source: 'reported', model: 'gpt-4o', anomalies: [] });
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ] as const)(
    'that unpacks to many times its size is not read, and says so: %s',
    async (encoding, compress) => {
      const bomb = compress(Buffer.alloc(200 * 1024 * 1024, ' '));
      const begun = process.cpuUsage();
      const reading = await read(bomb, encoding);
      const { user, system } = process.cpuUsage(begun);
      expect(reading).toMatchObject({ source: 'none', anomalies: [{ code: 'answer_not_read' }] });
      // Unpacking all of it costs more than this.
      expect(user + system).toBeLessThan(2_000_000);
    },
  );

  it('is as if cut where it is broken, and never silently whole', async () => {
    const bytes = gzipSync(Buffer.from(answer('x'.repeat(1_000))));
    for (const broken of [
      Buffer.concat([bytes.subarray(0, 40), Buffer.alloc(200, 0xff)]),
      Buffer.from('plain text'),
    ]) {
      expect(await read(broken, 'gzip')).toMatchObject({
        source: 'none',
        anomalies: [{ code: 'answer_not_read' }],
      });
    }
    expect(await read(bytes, 'rot13')).toMatchObject({
      source: 'none',
      anomalies: [{ code: 'answer_not_read' }],
    });
  });

  it('is let go with its client: what waits is answered at once', async () => {
    const reader = new DecodedUsageReader(new PlainUsageReader(openStream(hint), null), 'gzip');
    const words = Array.from({ length: 400_000 }, (_, index) => `${index}`).join(' ');
    const waiting = reader.push(gzipSync(Buffer.from(answer(words))));
    reader.stop();
    expect(await waiting).toBe('running');
    expect(await reader.push(Buffer.from('more'))).toBe('running');
    expect(reader.end('aborted')?.source).toBe('none');
  });
});
