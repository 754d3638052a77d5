import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageChunkFilter } from './usage-chunk.ts';

const pass = (chunks: readonly Buffer[]): string => {
  const filter = new UsageChunkFilter();
  return Buffer.concat([...chunks.map((chunk) => filter.push(chunk)), filter.end()]).toString('utf8');
};

const EXTRA = 'data: {"id":"c","choices":[],"usage":{"prompt_tokens":1}}\n\n';
const EVENTS = [
  'data: {"choices":[{"delta":{"content":"naïve 🙂 \\"usage\\""}}],"usage":null}\n\n',
  ': keep-alive\n\n',
  'data: {"choices":[],"prompt_filter_results":[]}\n\n',
  'data: {"choices":[],"usage":null}\n\n',
  'data: {"broken": tru\n\n',
  'data: [DONE]\n\n',
];

describe('the usage chunk that only the gateway asked for', () => {
  it('is taken out wherever the network tears the stream, and nothing else is', () => {
    const kept = fc.array(fc.constantFrom(...EVENTS), { maxLength: 6 });
    fc.assert(
      fc.property(kept, kept, fc.boolean(), fc.array(fc.nat()), (before, after, crlf, cuts) => {
        const line = (text: string) => (crlf ? text.replaceAll('\n', '\r\n') : text);
        const bytes = Buffer.from(line([...before, EXTRA, ...after].join('')));
        const at = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b);
        const chunks = [0, ...at].map((from, index) => bytes.subarray(from, at[index] ?? bytes.length));
        expect(pass(chunks)).toBe(line([...before, ...after].join('')));
      }),
    );
  });

  it('is taken out also when the stream ends without its blank line', () => {
    expect(pass([Buffer.from(EXTRA.trimEnd())])).toBe('');
  });

  it('holds at most a bounded piece of an event that does not end', () => {
    const filter = new UsageChunkFilter();
    let out = 0;
    for (let sent = 0; sent < 8 * 1_048_576; sent += 65_536)
      out += filter.push(Buffer.alloc(65_536, 'x')).length;
    expect(8 * 1_048_576 - out).toBeLessThanOrEqual(65_536);
  });

  it('costs in proportion to the length of an event, in however many pieces it comes', () => {
    const costOf = (pieces: number) => {
      const filter = new UsageChunkFilter();
      const begun = process.cpuUsage();
      for (let sent = 0; sent < pieces; sent += 1) filter.push(Buffer.from('x'));
      const { user, system } = process.cpuUsage(begun);
      return user + system;
    };
    costOf(60_000);
    const ratios = [1, 2, 3].map(() => costOf(60_000) / Math.max(1, costOf(15_000)));
    expect(Math.min(...ratios)).toBeLessThan(10);
  });
});
