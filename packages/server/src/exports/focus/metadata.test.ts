import { expect, test } from 'vitest';
import { readMetadata } from '../../../../cli/src/commands/export/focus/metadata.ts';
import { FOCUS_METADATA } from './metadata.ts';

test('the metadata keeps the rules of FOCUS 1.2, recommendations too', () => {
  expect(readMetadata(JSON.parse(JSON.stringify(FOCUS_METADATA))).problems).toEqual([]);
});

test('a schema that has changed has another id and another time', () => {
  // If this fails, the schema has changed: set its CREATION_DATE to now, then this id to the new one.
  const { SchemaId, CreationDate } = FOCUS_METADATA.Schema;
  expect([SchemaId, CreationDate]).toEqual(['9314b2e0-6ad8-8808-ade2-81d7f9b31976', '2026-11-22T07:00:00Z']);
});
