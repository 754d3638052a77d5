/** Reads an NDJSON source line by line with bounded memory; knows the byte at which each line ends. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** Longest line; the server's bound on a body is of this order, so a longer one could not be sent. */
export const MAX_LINE_BYTES = 8 * 1024 * 1024;

export interface SourceLine {
  /** Counted from 1, as editors do. */
  readonly number: number;
  /** Null: longer than {@link MAX_LINE_BYTES}; its text was skipped. */
  readonly text: string | null;
  /** Uncompressed bytes up to and including this line's end. */
  readonly endOffset: number;
}

/** Where to go on: after `offset` uncompressed bytes and `line` lines. */
export interface Position {
  readonly offset: number;
  readonly line: number;
}

export const START: Position = { offset: 0, line: 0 };

const NEWLINE = 0x0a;

/** Opens a file, a gzip file (recognised by its first bytes) or standard input (`-`), at an offset of its uncompressed bytes. */
export async function openSource(path: string, offset = 0): Promise<AsyncIterable<Buffer>> {
  if (path === '-') return await inflated(process.stdin, await firstChunk(process.stdin));
  if (await isGzip(path)) return skip(createReadStream(path).pipe(createGunzip()), offset);
  return createReadStream(path, { start: offset });
}

/** Splits bytes into lines. Empty lines are counted and left out. */
export async function* readLines(
  source: AsyncIterable<Buffer>,
  from: Position = START,
): AsyncGenerator<SourceLine> {
  let { offset, line } = from;
  let parts: Buffer[] = [];
  let held = 0;
  const take = (last: Buffer): SourceLine => {
    const bytes = held + last.length;
    const text =
      bytes > MAX_LINE_BYTES
        ? null
        : Buffer.concat([...parts, last])
            .toString('utf8')
            .trim();
    parts = [];
    held = 0;
    line += 1;
    return { number: line, text, endOffset: offset };
  };
  for await (const chunk of source) {
    let at = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, at)) {
      offset += end + 1 - at;
      const read = take(chunk.subarray(at, end));
      at = end + 1;
      if (read.text !== '') yield read;
    }
    const rest = chunk.subarray(at);
    offset += rest.length;
    held += rest.length;
    // Past the bound only the length is remembered.
    if (held <= MAX_LINE_BYTES) parts.push(rest);
    else parts = [];
  }
  if (held > 0) {
    const read = take(Buffer.alloc(0));
    if (read.text !== '') yield read;
  }
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && looksGzipped(buffer);
  } finally {
    await file.close();
  }
}

function looksGzipped(start: Buffer): boolean {
  return start[0] === 0x1f && start[1] === 0x8b;
}

async function firstChunk(stream: Readable): Promise<Buffer> {
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) return chunk;
  return Buffer.alloc(0);
}

async function inflated(stream: Readable, first: Buffer): Promise<AsyncIterable<Buffer>> {
  if (first.length > 0) stream.unshift(first);
  return looksGzipped(first) ? stream.pipe(createGunzip()) : stream;
}

async function* skip(source: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of source) {
    const rest = left === 0 ? chunk : chunk.subarray(Math.min(left, chunk.length));
    left -= chunk.length - rest.length;
    if (rest.length > 0) yield rest;
  }
}
