import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  MAX_LINE_BYTES,
  openSource,
  type Position,
  readLines,
  type SourceLine,
  START,
} from './read-lines.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farthing-lines-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function* chunksOf(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (let i = 0; at < bytes.length; i += 1) {
    const size = sizes[i % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function read(source: AsyncIterable<Buffer>, from: Position = START): Promise<SourceLine[]> {
  const lines: SourceLine[] = [];
  for await (const line of readLines(source, from)) lines.push(line);
  return lines;
}

describe('lines', () => {
  test('are the same however the bytes are cut, and each knows its end', async () => {
    const text = fc.array(
      fc.string({ unit: 'grapheme', maxLength: 12 }).map((s) => s.replaceAll(/[\r\n]/g, '')),
    );
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(text, sizes, fc.boolean(), async (texts, cuts, closed) => {
        const whole = Buffer.from(texts.join('\n') + (closed ? '\n' : ''));
        const lines = await read(chunksOf(whole, cuts));
        const expected = whole
          .toString()
          .split('\n')
          .map((t) => t.trim());
        expect(lines.map((l) => l.text)).toEqual(expected.filter((t) => t !== ''));
        for (const line of lines) expect(expected[line.number - 1]).toBe(line.text);
        for (const line of lines) {
          const rest = await read(chunksOf(whole.subarray(line.endOffset), cuts), {
            offset: line.endOffset,
            line: line.number,
          });
          expect(rest).toEqual(lines.filter((l) => l.number > line.number));
        }
      }),
    );
  });

  test('longer than the bound are told and skipped, and the next one is read', async () => {
    const long = Buffer.concat([Buffer.alloc(MAX_LINE_BYTES + 1, 'x'), Buffer.from('\nnext\n')]);
    const lines = await read(chunksOf(long, [65_536]));
    expect(lines.map(({ number, text }) => [number, text])).toEqual([
      [1, null],
      [2, 'next'],
    ]);
  });
});

describe('sources', () => {
  test('a gzip file is read like a plain one, from any offset', async () => {
    const text = Buffer.from('{"a":1}\n{"b":2}\n{"c":3}\n');
    await writeFile(join(folder, 'plain'), text);
    await writeFile(join(folder, 'packed'), gzipSync(text));
    const plain = await read(await openSource(join(folder, 'plain')));
    expect(await read(await openSource(join(folder, 'packed')))).toEqual(plain);
    const from = { offset: plain[0]?.endOffset ?? 0, line: 1 };
    for (const name of ['plain', 'packed']) {
      expect(await read(await openSource(join(folder, name), from.offset), from)).toEqual(plain.slice(1));
    }
  });
});
