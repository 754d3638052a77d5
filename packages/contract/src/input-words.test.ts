import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import './index.ts';

const said = (schema: z.ZodType, input: unknown) =>
  schema.safeParse(input).error?.issues.map(({ message }) => message);

describe('what is wrong with an input is said in our words', () => {
  test.each<[string, z.ZodType, unknown]>([
    ['is missing', z.string(), undefined],
    ['is missing: give one of day, week', z.enum(['day', 'week']), undefined],
    ['must be text', z.string(), 5],
    ['must be a whole number', z.int(), 1.5],
    ['must be true or false', z.boolean(), 'yes'],
    ['must be an object', z.strictObject({}), []],
    ['must be at most 1000', z.number().max(1000), 1001],
    ['must be more than 0', z.number().positive(), 0],
    ['must have at most 1 item', z.array(z.string()).max(1), ['a', 'b']],
    ['must have exactly 3 characters', z.string().length(3), 'ab'],
    ['must not be empty', z.string().min(1), ''],
    ['must be one of day, week', z.enum(['day', 'week']), 'year'],
    ['must be v1', z.literal('v1'), 'v2'],
    ['must be a time such as 2026-11-22T10:00:00Z', z.iso.datetime(), 'now'],
    ['must be an e-mail address', z.email(), 'ada'],
    ['must begin with "a"', z.string().startsWith('a'), 'b'],
    ['"b" is not known here', z.strictObject({}), { b: 1 }],
    ['has a key that must have at most 2 characters', z.record(z.string().max(2), z.string()), { abc: 'x' }],
    ['must be text, or must be a list', z.union([z.string(), z.array(z.string())]), 5],
    ['has "a", which must be text', z.union([z.string(), z.object({ a: z.string() })]), { a: 5 }],
    ['does not fit', z.custom(() => false), 5],
  ])('%s', (words, schema, input) => {
    expect(said(schema, input)).toEqual([words]);
  });

  test('and the words that a schema brings itself are kept', () => {
    expect(said(z.string().regex(/^a/, 'must begin well'), 'b')).toEqual(['must begin well']);
  });
});
