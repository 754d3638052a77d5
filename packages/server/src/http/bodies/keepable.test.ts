import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holdsKeepable, isKeepable } from './keepable.ts';

describe('text that no database keeps', () => {
  it.each(['\0', 'a\0b', '\ud800', 'a\udfffb', '\udc00\ud800'])('is %j', (text) => {
    expect(isKeepable(text)).toBe(false);
  });

  it('is found wherever it stands in JSON, as a value or a name', () => {
    const bad = fc.constantFrom('\0', '\ud800', 'x\udfff');
    fc.assert(
      fc.property(fc.jsonValue(), bad, fc.boolean(), (rest, text, asName) => {
        const value = { rest, more: [asName ? { [text]: 1 } : text] };
        const source = JSON.stringify(value);
        expect(holdsKeepable(JSON.parse(source), source)).toBe(false);
      }),
    );
  });

  it('is not any other text, an escaped backslash before "u0000" neither', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(isKeepable(text));
        const source = JSON.stringify({ text: `${text}\\u0000💥` });
        expect(holdsKeepable(JSON.parse(source), source)).toBe(true);
      }),
    );
  });
});
