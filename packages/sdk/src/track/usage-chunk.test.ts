import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { askForUsage, understandsAsking } from './ask-for-usage.ts';
import { UsageChunkFilter } from './usage-chunk-filter.ts';

const text = `data: {"choices":[{"delta":{"content":"naïve \\"usage\\":{ ✓"}}],"usage":null}\n\n`;
const filters = `data: {"choices":[],"prompt_filter_results":[],"usage":null}\n\n`;
const usage = `data: {"id":"x","choices":[],"usage":{"prompt_tokens":1}}\n\n`;
const done = 'data: [DONE]\n\n';

/** The stream as the client sees it, arriving in pieces cut at the given places. */
function through(stream: string, cuts: readonly number[]): string {
  const bytes = new TextEncoder().encode(stream);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  const filter = new UsageChunkFilter();
  const out: number[] = [];
  for (const [at, from] of places.slice(0, -1).entries()) {
    out.push(...filter.push(bytes.subarray(from, places[at + 1])));
  }
  return new TextDecoder().decode(Uint8Array.from([...out, ...filter.rest()]));
}

describe('the usage chunk that only we asked for', () => {
  test('is all that is taken out, however the bytes are split and lines end', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2000), { maxLength: 12 }), fc.boolean(), (cuts, windows) => {
        const ends = (frames: string) => (windows ? frames.replaceAll('\n', '\r\n') : frames);
        const seen = through(ends(filters + text + text + usage + done), cuts);
        expect(seen).toBe(ends(filters + text + text + done));
      }),
    );
  });

  test('leaves a stream that ends within a frame as it is', () => {
    expect(through(text + usage.slice(0, 40), [3])).toBe(text + usage.slice(0, 40));
  });
});

describe('asking for usage', () => {
  test('adds the option to a chat stream and changes nothing else', () => {
    const body = JSON.stringify({
      model: 'gpt-4o',
      stream: true,
      messages: [{ content: '"stream_options"' }],
    });
    const asking = askForUsage(body) ?? '';
    expect(JSON.parse(asking)).toEqual({ ...JSON.parse(body), stream_options: { include_usage: true } });
    expect(asking.endsWith(body.slice(1))).toBe(true);
  });

  test('leaves alone what is no stream, has options of its own or is no JSON text', () => {
    expect(askForUsage('{"tools":[{"stream":true}],"stream":false}')).toBeUndefined();
    expect(askForUsage('{"tools":[{"stream":true}]}')).toBeUndefined();
    expect(askForUsage('{"stream":true,"stream_options":{"include_obfuscation":false}}')).toBeUndefined();
    expect(askForUsage(new Uint8Array(3))).toBeUndefined();
  });

  test('is done where it is understood: at OpenAI and on this machine', () => {
    expect(['api.openai.com', 'eu.api.openai.com', '127.0.0.1', 'localhost'].every(understandsAsking)).toBe(
      true,
    );
    expect(['openai.com.evil.test', 'api.groq.com', 'notopenai.com'].some(understandsAsking)).toBe(false);
  });
});
