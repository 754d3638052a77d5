import { AppError } from '@farthing/contract';
import { describe, expect, it } from 'vitest';
import { readItems } from './read-items.ts';
import { Rejection } from './rejection.ts';

const read = (text: string | Buffer, ndjson = false) => readItems(Buffer.from(text as string), ndjson);
const codeOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return error instanceof AppError ? error.code : 'not an AppError';
  }
  return 'nothing thrown';
};

describe('reading a body of events', () => {
  it('takes one object, an array and NDJSON, announced or not', () => {
    expect(read('{"a":1}')).toEqual({ single: true, items: [{ a: 1 }] });
    expect(read('\ufeff {\n "a": 1\n}\n')).toEqual({ single: true, items: [{ a: 1 }] });
    expect(read('[{"a":1},2]')).toEqual({ single: false, items: [{ a: 1 }, 2] });
    expect(read('[]')).toEqual({ single: false, items: [] });
    expect(read('{"a":1}\n\n{"a":2}\r\n')).toEqual({ single: false, items: [{ a: 1 }, { a: 2 }] });
    expect(read('{"a":1}', true)).toEqual({ single: false, items: [{ a: 1 }] });
  });

  it('keeps the good lines of NDJSON and rejects the bad one in its place', () => {
    const { items } = read('{"a":1}\nnonsense\n{"a":3}', true);
    expect(items[0]).toEqual({ a: 1 });
    expect(items[1]).toBeInstanceOf(Rejection);
    expect(items[2]).toEqual({ a: 3 });
  });

  it('refuses a body that is empty, no JSON or no UTF-8', () => {
    for (const body of ['', ' \n ', '{', '[1,', 'hello', '{"a":1}}'])
      expect(codeOf(() => read(body))).toBe('invalid_json');
    expect(codeOf(() => read(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])))).toBe('invalid_json');
  });

  it('never repeats the text of a body it refuses', () => {
    try {
      read('{"key": secret-canary}');
    } catch (error) {
      expect(String(error)).not.toContain('canary');
    }
    expect.assertions(1);
  });

  it('refuses endless nesting before parsing it, and brackets inside strings are none', () => {
    expect(codeOf(() => read('['.repeat(1_000_000)))).toBe('invalid_json');
    expect(codeOf(() => read(`{"a":${'['.repeat(64)}${']'.repeat(64)}}`))).toBe('invalid_json');
    expect(read(`{"a":"${'['.repeat(100)}\\"${'{'.repeat(100)}"}`).single).toBe(true);
  });

  it('refuses more items than a request may hold', () => {
    expect(codeOf(() => read(`[${'1,'.repeat(10_000)}1]`))).toBe('too_many_items');
    expect(codeOf(() => read('1\n'.repeat(10_001), true))).toBe('too_many_items');
  });

  it('keeps the digits in which a provider printed its cost', () => {
    expect(read('{"response":{"usage":{"cost":0.0250}}}').items).toEqual([
      { response: { usage: { cost: '0.0250' } } },
    ]);
  });
});
