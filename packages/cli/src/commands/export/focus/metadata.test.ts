import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { FOCUS_METADATA } from '../../../../../server/src/exports/focus/metadata.ts';
import { checkFocus } from './check.ts';
import { definitionFault, readMetadata } from './metadata.ts';

const { Schema } = FOCUS_METADATA;
const COLUMNS = Schema.ColumnDefinition.map((column) => ({ ...column }));

/** What is wrong with ours where the schema says something else; undefined leaves a member out. */
function faults(schema: { readonly [name: string]: unknown }, rest: object = {}): readonly unknown[] {
  const metadata = JSON.parse(
    JSON.stringify({ ...FOCUS_METADATA, ...rest, Schema: { ...Schema, ...schema } }),
  );
  return readMetadata(metadata).problems.map(({ column, severity, message }) =>
    [severity, column, message].join(' '),
  );
}

const withColumn = (name: string, changed: object) => ({
  ColumnDefinition: COLUMNS.map((column) =>
    column.ColumnName === name ? { ...column, ...changed } : column,
  ),
});

describe('of metadata by itself', () => {
  test.each([
    ['another version of FOCUS', { FocusVersion: '1.1' }, {}, /^error {2}Schema\.FocusVersion/],
    ['no id', { SchemaId: undefined }, {}, /^error {2}Schema\.SchemaId/],
    ['an id that is no GUID', { SchemaId: '1234' }, {}, /^warning {2}.*GUID/],
    ['no time it was made', { CreationDate: undefined }, {}, /^error {2}Schema\.CreationDate/],
    ['a time of another form', { CreationDate: '22.11.2026' }, {}, /^error {2}Schema\.CreationDate/],
    ['a time of no day', { CreationDate: '2026-02-30T00:00:00Z' }, {}, /^error {2}Schema\.CreationDate/],
    ['no columns', { ColumnDefinition: [] }, {}, /^error {2}Schema\.ColumnDefinition/],
    ['a column without a type', withColumn('Tags', { DataType: undefined }), {}, /^error {2}.*DataType/],
    [
      'a column twice',
      { ColumnDefinition: [...COLUMNS, ...COLUMNS.slice(0, 1)] },
      {},
      /^error BilledCost.*twice/,
    ],
    [
      'tags without the prefixes of the provider',
      withColumn('Tags', { ProviderTagPrefixes: undefined }),
      {},
      /^error Tags.*ProviderTagPrefixes/,
    ],
    [
      'a length that is a text',
      withColumn('SkuId', { StringMaxLength: '9' }),
      {},
      /^error {2}.*StringMaxLength/,
    ],
    ['a text of any length', withColumn('SkuId', { StringMaxLength: undefined }), {}, /^warning SkuId/],
    [
      'a null',
      withColumn('SkuId', { Note: null }),
      {},
      /^error {2}Schema\.ColumnDefinition\.\d+\.Note.*null/,
    ],
    ['nobody who made it', {}, { DataGenerator: {} }, /^error {2}DataGenerator\.DataGenerator/],
    [
      'an empty name',
      {},
      { DataGenerator: { DataGenerator: ' ' } },
      /^error {2}DataGenerator\.DataGenerator/,
    ],
  ])('%s is told', (_name, schema, rest, expected) => {
    expect(faults(schema, rest)).toEqual([expect.stringMatching(expected)]);
  });

  test.each([null, 7, 'text', []])('%j is none', (metadata) => {
    expect(readMetadata(metadata).problems.map(({ severity }) => severity)).toContain('error');
  });
});

describe('of a file against its metadata', () => {
  const about = async (text: string) => {
    const { problems } = await checkFocus(Readable.from([text]), { metadata: FOCUS_METADATA });
    return problems.map(({ row, column, message }) => `${row} ${column}: ${message}`);
  };

  test('columns that only one of them has are told', async () => {
    const header = COLUMNS.map(({ ColumnName }) => ColumnName);
    expect(await about(`${header.join(',')}\r\n`)).toEqual([]);
    expect(await about(`${[...header.slice(0, -1), 'x_Mine'].join(',')}\r\n`)).toEqual([
      '1 x_Mine: has no ColumnDefinition',
      '1 x_Workflow: is defined and not in the file',
    ]);
  });

  test.each([
    ['4242424242424242.123456789012', { NumericPrecision: 28, NumberScale: 12 }, null],
    ['0.1234567890123', { NumericPrecision: 38, NumberScale: 12 }, /NumberScale/],
    ['-12345.6', { NumericPrecision: 6, NumberScale: 1 }, null],
    ['-12345.67', { NumericPrecision: 6, NumberScale: 2 }, /NumericPrecision/],
    ['0.0012', { NumericPrecision: 2, NumberScale: 4 }, null],
    ['four', { StringMaxLength: 4 }, null],
    ['fives', { StringMaxLength: 4 }, /StringMaxLength/],
    ['🪙🪙', { StringMaxLength: 2 }, null],
  ])('%s within %j', (value, limits, expected) => {
    const fault = definitionFault(value, { ColumnName: 'x', DataType: 'x', ...limits });
    if (expected === null) expect(fault).toBeNull();
    else expect(fault).toMatch(expected);
  });
});
