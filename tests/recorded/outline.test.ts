/** A body that is too large to be held is read as an outline: the result must be that of the whole body. */
import { type ExtractedUsage, type Json, type JsonObject, mergeSegments } from '@farthing/pricing';
import { type ExtractHint, JsonOutline, openStream } from '@farthing/pricing/extract';
import { describe, expect, it } from 'vitest';
import { type RecordedLine, readRecorded, recordedFolder, recordedLines, SUITE_NAMES } from './suites.ts';

const present = recordedFolder() !== null;
const encoder = new TextEncoder();

/** The outline of JSON text, in the pieces of `size` bytes in which it came. */
function outlineOf(text: string, size: number): string {
  const outline = new JsonOutline();
  const bytes = encoder.encode(text);
  for (let at = 0; at < bytes.length; at += size) outline.push(bytes.subarray(at, at + size));
  return outline.text() ?? text;
}

/** The same line with the outline of its body, or of each of its events, in the place of it. */
function outlined(line: RecordedLine, size: number): RecordedLine {
  const { body, stream } = line;
  if (typeof stream === 'string') {
    const events = stream.replaceAll(
      /^(data: ?|)(\{.*\})\r?$/gm,
      (_, field, json) => field + outlineOf(json, size),
    );
    return { ...line, stream: events };
  }
  if (body === undefined) return line;
  return { ...line, body: JSON.parse(outlineOf(JSON.stringify(body), size)) as Json };
}

/** What the ledger keeps of a reading; the raw usage may hold long lists, of which an outline keeps the beginning. */
const kept = ({ rawUsage: _raw, ...usage }: ExtractedUsage) => ({
  ...usage,
  sum: mergeSegments(usage.segments),
});

describe.skipIf(!present)('outlines of recorded responses', () => {
  it('say what the whole responses say, however these were split', () => {
    let read = 0;
    for (const [index, line] of SUITE_NAMES.flatMap(recordedLines).entries()) {
      const whole = readRecorded(line);
      const reading = readRecorded(outlined(line, 1 + (index % 97)));
      expect(kept(reading.usage), line.id).toEqual(kept(whole.usage));
      expect({ ...reading, usage: null }, line.id).toEqual({ ...whole, usage: null });
      read += 1;
    }
    expect(read).toBeGreaterThan(500);
  });

  it('are read where the answers are large, split anywhere', () => {
    let read = 0;
    for (const line of SUITE_NAMES.flatMap(recordedLines)) {
      const { body } = line;
      if (!isObject(body) || line['format'] === 'sse') continue;
      const hint: ExtractHint = { provider: line.provider, surface: line.surface };
      const text = JSON.stringify(body);
      // Blanks behind the first brace make it large without another meaning.
      const large = encoder.encode(`{${' '.repeat(70_000)}${text.slice(1)}`);
      const usage = [encoder.encode(text), large].map((bytes) => readIn(bytes, hint, 1_000 + (read % 977)));
      expect(usage[1], line.id).toEqual(usage[0]);
      read += 1;
    }
    expect(read).toBeGreaterThan(100);
  });
});

function readIn(bytes: Uint8Array, hint: ExtractHint, size: number): unknown {
  const stream = openStream(hint);
  for (let at = 0; at < bytes.length; at += size) stream.push(bytes.subarray(at, at + size));
  try {
    return kept(stream.end('complete'));
  } catch (error) {
    return String(error);
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
