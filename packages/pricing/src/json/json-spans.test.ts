import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonSpans, keyOf, type ValueSpan } from './json-spans.ts';

function spansOf(text: string, most = 1_000_000) {
  const bytes = new TextEncoder().encode(text);
  const found: ValueSpan[] = [];
  const spans = new JsonSpans(bytes, 0, (span) => found.push(span));
  while (!spans.step(most));
  const parsed = ({ from, to }: ValueSpan): unknown =>
    JSON.parse(new TextDecoder().decode(bytes.subarray(from, to)));
  const named = (span: ValueSpan) => keyOf(bytes, span);
  return { spans, found, parsed, named };
}

describe('the spans of an array or object', () => {
  it('hold each element and each member, whatever the steps', () => {
    const json = fc.jsonValue({ stringUnit: 'binary' });
    const root = fc.oneof(fc.array(json), fc.dictionary(fc.string({ unit: 'binary' }), json));
    fc.assert(
      fc.property(root, fc.boolean(), fc.integer({ min: 1, max: 40 }), (value, spaced, most) => {
        const { spans, found, parsed, named } = spansOf(JSON.stringify(value, null, spaced ? 2 : 0), most);
        expect(spans.whole).toBe(true);
        const plain = JSON.parse(JSON.stringify(value));
        expect(found.map((span) => [named(span), parsed(span)])).toEqual(
          Array.isArray(plain) ? plain.map((one) => [null, one]) : Object.entries(plain),
        );
      }),
    );
  });

  it('count what is in a value and how deep it nests', () => {
    const { found } = spansOf('[1, [], {"a":[1,2,{"b":","}]}, "[[["]');
    expect(found.map(({ values, depth }) => [values, depth])).toEqual([
      [1, 0],
      [1, 1],
      [5, 3],
      [1, 0],
    ]);
  });

  it('say what was read before a value that is never closed', () => {
    const { spans, found } = spansOf('[{"a":1},{"b":');
    expect(spans.whole).toBe(false);
    expect(found).toHaveLength(1);
  });

  it.each(['', '1', '"a"', '[1,]', '[,1]', '{"a"}', '{"a":1,}', '{"a" "b"}', '{a:1}', '[1}', '{"a":}'])(
    'of %j are not whole',
    (text) => {
      expect(spansOf(text).spans.whole).toBe(false);
    },
  );

  it('end where the root ends', () => {
    const { spans } = spansOf(' [1] [2]');
    expect(spans.end).toBe(4);
  });
});
