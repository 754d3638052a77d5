import { AppError } from '@farthing/contract';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RejectionError } from '../tenants/attribution/rejection-error.ts';
import { parseItem, readItems } from './read-items.ts';

/** The items as the ledger reads them: in NDJSON a line that cannot be parsed becomes its rejection. */
async function read(text: string | Buffer, ndjson = false) {
  const { form, items } = await readItems(Buffer.from(text as string), ndjson);
  const parsed = items.map((item) => {
    try {
      return parseItem(item);
    } catch (error) {
      if (error instanceof RejectionError && form === 'lines') return error;
      throw error instanceof RejectionError ? error.toAppError() : error;
    }
  });
  return { single: form === 'one', items: parsed };
}
const codeOf = async (run: () => Promise<unknown>) => {
  try {
    await run();
  } catch (error) {
    return error instanceof AppError ? error.code : 'not an AppError';
  }
  return 'nothing thrown';
};

describe('reading a body of events', () => {
  it('takes one object, an array and NDJSON, announced or not', async () => {
    expect(await read('{"a":1}')).toEqual({ single: true, items: [{ a: 1 }] });
    expect(await read('\ufeff {\n "a": 1\n}\n')).toEqual({ single: true, items: [{ a: 1 }] });
    expect(await read('[{"a":1},2]')).toEqual({ single: false, items: [{ a: 1 }, 2] });
    expect(await read('[]')).toEqual({ single: false, items: [] });
    expect(await read('{"a":1}\n\n{"a":2}\r\n')).toEqual({ single: false, items: [{ a: 1 }, { a: 2 }] });
    expect(await read('{"a":1}', true)).toEqual({ single: false, items: [{ a: 1 }] });
  });

  it('keeps the good lines of NDJSON and rejects the bad one in its place', async () => {
    const { items } = await read('{"a":1}\nnonsense\n{"a":3}', true);
    expect(items[0]).toEqual({ a: 1 });
    expect(items[1]).toBeInstanceOf(RejectionError);
    expect(items[2]).toEqual({ a: 3 });
  });

  it('refuses a body that is empty, no JSON or no UTF-8', async () => {
    for (const body of ['', ' \n ', '{', '[1,', 'hello', '{"a":1}}'])
      expect(await codeOf(() => read(body))).toBe('invalid_json');
    expect(await codeOf(() => read(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])))).toBe(
      'invalid_json',
    );
  });

  it('never repeats the text of a body it refuses', async () => {
    try {
      await read('{"key": secret-canary}');
    } catch (error) {
      expect(String(error)).not.toContain('canary');
    }
    expect.assertions(1);
  });

  it('refuses endless nesting before parsing it, and brackets inside strings are none', async () => {
    expect(await codeOf(() => read('['.repeat(1_000_000)))).toBe('invalid_json');
    expect(await codeOf(() => read(`{"a":${'['.repeat(64)}${']'.repeat(64)}}`))).toBe('invalid_json');
    expect((await read(`{"a":"${'['.repeat(100)}\\"${'{'.repeat(100)}"}`)).single).toBe(true);
  });

  it('refuses more items than a request may hold', async () => {
    expect(await codeOf(() => read(`[${'1,'.repeat(10_000)}1]`))).toBe('too_many_items');
    expect(await codeOf(() => read('1\n'.repeat(10_001), true))).toBe('too_many_items');
  });

  it('keeps the digits in which a provider printed its cost', async () => {
    expect((await read('{"response":{"usage":{"cost":0.0250}}}')).items).toEqual([
      { response: { usage: { cost: '0.0250' } } },
    ]);
  });

  it('cuts the same items out of every way to write them down', async () => {
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.string({ unit: 'binary' }),
        fc.integer(),
        fc.constantFrom(null, true),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string({ unit: 'binary' }), tie('value')),
      ),
    }));
    const object = fc.dictionary(fc.string({ unit: 'binary' }), value);
    await fc.assert(
      fc.asyncProperty(
        fc.array(object, { minLength: 2, maxLength: 5 }),
        fc.boolean(),
        async (items, spaced) => {
          const plain = JSON.parse(JSON.stringify(items));
          expect((await read(JSON.stringify(items, null, spaced ? 2 : 0))).items).toEqual(plain);
          const lines = items.map((item) => JSON.stringify(item)).join(spaced ? '\r\n\n' : '\n');
          expect(await read(lines)).toEqual({ single: false, items: plain });
          expect(await read(lines, true)).toEqual({ single: false, items: plain });
          expect(await read(JSON.stringify(items[0], null, spaced ? 2 : 0))).toEqual({
            single: true,
            items: [plain[0]],
          });
        },
      ),
    );
  });

  it('lets others have their turn, whatever the body is', async () => {
    for (const text of [
      `[${'{},'.repeat(9_000)}{"a":[${'{},'.repeat(2_000_000)}1]}]`,
      `{"a":"${'x'.repeat(8_000_000)}"}`,
      ' '.repeat(8_000_000),
      '\n'.repeat(8_000_000),
      `{"a":${'['.repeat(8_000_000)}`,
      `${`{"a":"${'x'.repeat(800)}"}\n`.repeat(9_000)}`,
    ]) {
      let turns = 0;
      const count = setInterval(() => (turns += 1), 0);
      await readItems(Buffer.from(text), false).catch(() => null);
      clearInterval(count);
      expect(turns, text.slice(0, 20)).toBeGreaterThan(2);
    }
  });
});
