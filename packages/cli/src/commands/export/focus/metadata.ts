/** Holds the metadata of a FOCUS 1.2 file against its rules, and a file against its metadata. */
import { z } from 'zod';
import { valueFault } from './formats.ts';
import type { FocusProblem } from './problem.ts';

/** What can be wrong with a whole file. */
type Problem = Pick<FocusProblem, 'column' | 'severity' | 'message'>;

const text = z.string().refine((value) => value.trim() !== '', 'must not be empty');
const count = z.int().nonnegative();

const columnInput = z.looseObject({
  ColumnName: text,
  DataType: text,
  Deprecated: z.boolean().optional(),
  NumericPrecision: count.optional(),
  NumberScale: count.optional(),
  PreviousColumnName: text.optional(),
  ProviderTagPrefixes: z.array(text).optional(),
  StringEncoding: text.optional(),
  StringMaxLength: count.optional(),
});
type DefinedColumn = z.output<typeof columnInput>;

const metadataInput = z.looseObject({
  DataGenerator: z.looseObject({ DataGenerator: text }),
  Schema: z.looseObject({
    SchemaId: text,
    FocusVersion: z.literal('1.2'),
    DataGeneratorVersion: text.optional(),
    CreationDate: text.superRefine((value, refused) => {
      const message = valueFault('CreationDate', value, { presence: 'mandatory', type: 'time' });
      if (message !== null) refused.addIssue({ code: 'custom', message });
    }),
    ColumnDefinition: z.array(columnInput).min(1),
  }),
});

const GUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** What metadata says of columns, and what is wrong with it by itself. */
export interface CheckedMetadata {
  /** By name; null where the metadata cannot be read. */
  readonly columns: ReadonlyMap<string, DefinedColumn> | null;
  readonly problems: readonly Problem[];
}

/**
 * Reads `{ DataGenerator: { DataGenerator }, Schema: { SchemaId, FocusVersion, CreationDate, ColumnDefinition, … } }`,
 * the two objects of FOCUS 1.2 under their names.
 *
 * @example const { problems } = readMetadata(JSON.parse(await readFile('focus-metadata.json', 'utf8')));
 */
export function readMetadata(metadata: unknown): CheckedMetadata {
  const parsed = metadataInput.safeParse(metadata);
  if (!parsed.success) {
    return {
      columns: null,
      problems: parsed.error.issues.map(({ path, message }) => error('', `${path.join('.')}: ${message}`)),
    };
  }
  const { Schema } = parsed.data;
  const columns = new Map(Schema.ColumnDefinition.map((one) => [one.ColumnName, one]));
  const twice = Schema.ColumnDefinition.filter((one) => columns.get(one.ColumnName) !== one);
  return {
    columns,
    problems: [
      ...nulls(metadata).map((path) => error('', `${path} must not be null`)),
      ...(GUID.test(Schema.SchemaId) ? [] : [warning('', 'Schema.SchemaId is not a GUID')]),
      ...twice.map(({ ColumnName }) => error(ColumnName, 'is defined twice')),
      ...Schema.ColumnDefinition.flatMap(definitionFaults),
    ],
  };
}

/** What a header has and its metadata has not, or the other way round. */
export function headerFaults(
  header: readonly string[],
  columns: ReadonlyMap<string, DefinedColumn>,
): readonly Problem[] {
  const present = new Set(header);
  return [
    ...header.filter((name) => !columns.has(name)).map((name) => error(name, 'has no ColumnDefinition')),
    ...[...columns.keys()]
      .filter((name) => !present.has(name))
      .map((name) => error(name, 'is defined and not in the file')),
  ];
}

/** How a value exceeds what is defined; null where it does not. */
export function definitionFault(value: string, column: DefinedColumn): string | null {
  const { StringMaxLength: longest, NumericPrecision: precision, NumberScale: scale } = column;
  if (longest !== undefined && [...value].length > longest)
    return `is longer than the ${longest} characters of its StringMaxLength`;
  if (precision === undefined && scale === undefined) return null;
  const number = /^-?(\d+)(?:\.(\d+))?$/.exec(value);
  const [, whole = '', decimals = ''] = number ?? [];
  if (scale !== undefined && decimals.length > scale)
    return `has more decimals than the ${scale} of its NumberScale`;
  const digits = (whole + decimals).replace(/^0+/, '').length;
  return precision !== undefined && digits > precision
    ? `has more digits than the ${precision} of its NumericPrecision`
    : null;
}

function definitionFaults(column: DefinedColumn): readonly Problem[] {
  const { ColumnName: name, DataType: type } = column;
  const wants = (property: 'StringMaxLength' | 'NumericPrecision' | 'NumberScale') =>
    column[property] === undefined ? [warning(name, `should have a ${property}`)] : [];
  return [
    ...(name === 'Tags' && column.ProviderTagPrefixes === undefined
      ? [error(name, 'must have ProviderTagPrefixes')]
      : []),
    ...(/^(string|varchar|text)$/i.test(type) ? wants('StringMaxLength') : []),
    ...(/^(decimal|numeric|number)$/i.test(type)
      ? [...wants('NumericPrecision'), ...wants('NumberScale')]
      : []),
  ];
}

/** Paths of null, anywhere. */
function nulls(value: unknown, path = 'the whole'): string[] {
  if (value === null) return [path];
  if (typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, one]) =>
    nulls(one, path === 'the whole' ? key : `${path}.${key}`),
  );
}

const error = (column: string, message: string): Problem => ({ column, severity: 'error', message });
const warning = (column: string, message: string): Problem => ({ column, severity: 'warning', message });
