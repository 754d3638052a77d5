import { expect, test } from 'vitest';
import { keptRequestedModel, keptText } from './kept-as-null.ts';

test('the commonest text is kept as null, every other as it is', () => {
  expect(keptText('service_tier', 'standard')).toBeNull();
  expect(keptText('usage_source', 'estimated')).toBe('estimated');
});

test.each([
  ['gpt-4o', 'gpt-4o', '='],
  ['gpt-4o', null, null],
  ['gpt-4o', 'gpt-4o-latest', 'gpt-4o-latest'],
  ['gpt-4o', '', ''],
  ['gpt-4o', '=', '=='],
  ['=', '=', '='],
])('of the model %j the request for %j is kept as %j', (model, requestedModel, kept) => {
  expect(keptRequestedModel({ model, requestedModel })).toBe(kept);
});
