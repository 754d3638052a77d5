import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonOutline } from './json-outline.ts';
import type { OutlineLimits } from './outline-text.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

function outlineOf(bytes: Uint8Array, cuts: readonly number[] = [], limits?: OutlineLimits) {
  const outline = new JsonOutline(limits);
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const to of [...places, bytes.length]) {
    outline.push(bytes.subarray(from, to));
    from = to;
  }
  return outline;
}

const outlined = (text: string, limits?: OutlineLimits): unknown => {
  const kept = outlineOf(bytesOf(text), [], limits).text();
  return kept === null ? null : JSON.parse(kept);
};

describe('an outline of JSON', () => {
  it('is the value itself where that is within the limits, however the bytes are split', () => {
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 6 },
        fc.string({ unit: 'binary' }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.constantFrom(null, true, false),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string({ unit: 'binary' }), tie('value')),
      ),
    }));
    fc.assert(
      fc.property(value, fc.array(fc.nat()), fc.boolean(), (json, cuts, spaced) => {
        const text = JSON.stringify(json, null, spaced ? 2 : 0);
        const outline = outlineOf(bytesOf(text), cuts);
        expect(JSON.parse(outline.text() ?? 'null')).toEqual(JSON.parse(text));
        expect(outline.cut || outline.shortened).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it('is the same for every split, also where something is left out', () => {
    const limits = { prose: 12, opaque: 6, bytes: 120, values: 12, numbers: 2, texts: 3 };
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' }), fc.array(fc.nat()), (json, cuts) => {
        const bytes = bytesOf(JSON.stringify(json));
        const whole = outlineOf(bytes, [], limits);
        const split = outlineOf(bytes, cuts, limits);
        expect(split.text()).toBe(whole.text());
        expect(split.cut).toBe(whole.cut);
        expect(JSON.stringify(JSON.parse(split.text() ?? 'x')).isWellFormed()).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps the digits as they were printed', () => {
    expect(outlineOf(bytesOf('{"cost": 0.0250, "big":12345678901234567890}')).text()).toBe(
      '{"cost":0.0250,"big":12345678901234567890}',
    );
  });

  it.each([
    '{"a":1 "b":2}',
    '{"a" 1}',
    '[1,,2]',
    '[1 2]',
    '{"a":1]',
    '[}',
    '{,}',
    '{1:2}',
    "{'a':1}",
    '{"a":1',
    '["a',
    '{"a":\\u0031}',
    '',
    '  ',
  ])('is none of %j', (text) => {
    expect(outlineOf(bytesOf(text)).text()).toBeNull();
  });

  it('keeps the first numbers of a vector, and whole what stands behind it', () => {
    const vector = Array.from({ length: 3_000 }, (_, index) => index / 7);
    const data = Array.from({ length: 500 }, (_, index) => ({ index, embedding: vector }));
    const usage = { prompt_tokens: 12, total_tokens: 12 };
    const outline = outlined(JSON.stringify({ object: 'list', data, usage }));
    expect(outline).toEqual({
      object: 'list',
      data: data.map(({ index }) => ({ index, embedding: vector.slice(0, 4) })),
      usage,
    });
  });

  it('cuts long texts between characters and keeps what follows', () => {
    for (const long of ['x'.repeat(5_000), '🦆'.repeat(900), 'a b'.repeat(900), '\\u0041'.repeat(900)]) {
      const read = outlined(`{"a":"${long}","b":"\\ud83e\\udd86","c":1}`) as { [key: string]: string };
      expect(read).toMatchObject({ b: '🦆', c: 1 });
      expect(read['a']?.length).toBeLessThanOrEqual(1_024);
      expect(read['a']?.isWellFormed()).toBe(true);
    }
    const pairs = `"${'\\uD83E\\uDD86'.repeat(900)}"`;
    expect((outlined(pairs) as string).isWellFormed()).toBe(true);
    const halves = outlineOf(bytesOf(`"${'\\ud83e'.repeat(100_000)}"`)).text();
    expect(halves?.length).toBeLessThan(1_100);
    const broken = outlineOf(
      Buffer.concat([Buffer.from('"'), Buffer.alloc(100_000, 0x80), Buffer.from('"')]),
    ).text();
    expect(broken?.length).toBeLessThan(1_100);
  });

  it('keeps words and cuts base64 where words may be longer', () => {
    const limits = { prose: 10_000, opaque: 100, bytes: 100_000, values: 100, numbers: 4, texts: 4 };
    const words = 'what is a farthing? '.repeat(100);
    const read = outlined(
      JSON.stringify({ words, image: 'aGVsbG8'.repeat(1_000), 漢: '漢'.repeat(1_000) }),
      limits,
    );
    expect(read).toEqual({ words, image: 'aGVsbG8'.repeat(1_000).slice(0, 100), 漢: '漢'.repeat(1_000) });
  });

  it('says that objects were left out, and still keeps what follows a list that is too long', () => {
    const outline = outlineOf(bytesOf(`{"a":[${'{"b":1},'.repeat(300_000)}{}],"usage":{"x":1}}`));
    expect(outline.cut).toBe(true);
    expect(JSON.parse(outline.text() ?? '')).toMatchObject({ usage: { x: 1 } });
    expect(outline.text()?.length).toBeLessThan(1_048_576);
  });

  it('leaves out what nests too deep and members without end', () => {
    const deep = outlineOf(bytesOf(`{"a":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)},"b":1}`));
    expect(JSON.parse(deep.text() ?? '')).toMatchObject({ b: 1 });
    expect(deep.cut).toBe(false);
    const objects = outlineOf(bytesOf(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`));
    expect(objects.cut).toBe(true);
    const members = Array.from({ length: 300_000 }, (_, index) => `"k${index}":${index}`);
    const wide = outlineOf(bytesOf(`{${members.join()}}`));
    expect(wide.cut).toBe(true);
    expect(Object.keys(JSON.parse(wide.text() ?? ''))).toHaveLength(19_999);
    const key = outlineOf(bytesOf(`{"${'k'.repeat(1_000)}":{"a":"}"},"b":2}`));
    expect([key.text(), key.cut]).toEqual(['{"b":2}', true]);
  });

  it('says where a value ends', () => {
    const outline = new JsonOutline();
    expect(outline.push(bytesOf(' {"a":"}"} {"b":1}'))).toBe(10);
    expect(outline.whole).toBe(true);
  });
});
