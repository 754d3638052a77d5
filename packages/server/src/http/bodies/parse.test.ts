import { AppError } from '@farthing/contract';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseBody, parseParameters, splitTags, tagReader } from './parse.ts';

/** The code and the places of a refusal. */
function refusal(run: () => unknown): [string, unknown] | 'taken' {
  try {
    run();
    return 'taken';
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [error.code, (error.details as { path: string }[] | undefined)?.map(({ path }) => path)];
  }
}

const schema = z.strictObject({ limit: z.string().optional(), model: z.array(z.string()).optional() });

describe('parameters', () => {
  it('that are unknown are told apart from those with a bad value', () => {
    expect(refusal(() => parseParameters(schema, { limt: '5' }))).toEqual(['unknown_parameter', ['limt']]);
    expect(refusal(() => parseParameters(schema, { limit: ['5', '6'] }))).toEqual([
      'invalid_parameter',
      ['limit'],
    ]);
    expect(parseParameters(schema, { limit: '5' })).toEqual({ limit: '5' });
  });

  it('with NUL or half of a surrogate pair are refused, alone or among others', () => {
    for (const text of ['a\0', '\ud800', 'x\udc00y']) {
      expect(refusal(() => parseParameters(schema, { limit: text }))).toEqual([
        'invalid_parameter',
        ['limit'],
      ]);
      expect(refusal(() => parseParameters(schema, { model: ['a', text] }))).toEqual([
        'invalid_parameter',
        ['model'],
      ]);
    }
  });

  it.each(['__proto__', 'constructor', 'toString'])('called %s are unknown', (name) => {
    const query = Object.fromEntries([[name, 'x']]);
    expect(refusal(() => parseParameters(z.strictObject({}), query))?.[0]).toBe('unknown_parameter');
  });
});

describe('tags', () => {
  const read = tagReader(z.record(z.string(), z.string().max(3)));

  it('are set apart by their beginning, and an empty key is no tag', () => {
    const { plain, tags } = splitTags({ 'tag.team': 'a', 'tag.': 'b', tag: 'c', model: 'd' });
    expect([plain, tags]).toEqual([{ 'tag.': 'b', tag: 'c', model: 'd' }, { team: 'a' }]);
  });

  it('are read by their schema, and places are named as they were written', () => {
    expect(read({ team: 'a', toString: 'b' })).toEqual({ team: 'a', toString: 'b' });
    expect(refusal(() => read({ team: 'long' }))).toEqual(['invalid_parameter', ['tag.team']]);
  });

  it('called __proto__ are refused, not passed over', () => {
    const { tags } = splitTags(JSON.parse('{"tag.__proto__": "x"}'));
    expect(refusal(() => read(tags))).toEqual(['invalid_parameter', ['tag.__proto__']]);
  });
});

describe('bodies', () => {
  it('that are absent are empty objects, and unknown members are refused', () => {
    expect(parseBody(z.strictObject({}), undefined)).toEqual({});
    expect(refusal(() => parseBody(z.strictObject({}), { a: 1 }))).toEqual(['invalid_body', ['a']]);
  });

  it('are refused in our words', () => {
    const body = z.strictObject({ size: z.number().max(1000) });
    expect(() => parseBody(body, {})).toThrow('size: is missing.');
    expect(() => parseBody(body, { size: 1001 })).toThrow('size: must be at most 1000.');
    expect(() => parseBody(body, { size: 1, sise: 2 })).toThrow('sise: is not known here.');
  });
});
