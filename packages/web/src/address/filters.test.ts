import { describe, expect, test } from 'vitest';
import { costFilters, eventFilter, filterNames, filterWord } from './filters.ts';

describe('filters of an address', () => {
  const filters = { agent: 'crawler', 'tag.team': 'search', model: '' } as const;

  test('are asked of costs by dimension, and of the list of events with tags by their keys', () => {
    expect(costFilters(filters)).toEqual({ model: [''], agent: ['crawler'], 'tag.team': ['search'] });
    expect(eventFilter(filters)).toEqual({ model: '', agent: 'crawler', tags: { team: 'search' } });
  });

  test('are not asked for where there are none', () => {
    expect(costFilters({})).toBeUndefined();
    expect(eventFilter({})).toBeUndefined();
  });

  test('may have any name as a tag, those of the language too', () => {
    const tags = JSON.stringify(eventFilter({ 'tag.__proto__': 'x' }));
    expect(tags).toBe('{"tags":{"__proto__":"x"}}');
    expect(JSON.stringify(costFilters({ 'tag.__proto__': 'x' }))).toBe('{"tag.__proto__":["x"]}');
  });

  test('are known by name: those of the API, and tags that have a key', () => {
    expect(filterNames(['tag.team', 'tag.', 'range', 'user', 'request_id', 'constructor'])).toEqual([
      'user',
      'request_id',
      'tag.team',
    ]);
    expect([filterWord('request_id'), filterWord('tag.team')]).toEqual(['request id', 'tag team']);
  });
});
