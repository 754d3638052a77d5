/** Metadata that FOCUS 1.2 requires with its files: the generator, and the schema of the columns. */
import { createHash } from 'node:crypto';
import { FOCUS_COLUMNS, type FocusColumn } from './columns.ts';
import { TAG_PREFIX } from './rows.ts';

/** One column, by the words of FOCUS. Lengths are characters, precision and scale decimal digits; all of them maxima. */
export interface ColumnDefinition {
  readonly ColumnName: string;
  readonly DataType: 'STRING' | 'DECIMAL' | 'DATETIME' | 'JSON';
  readonly StringMaxLength?: number;
  readonly StringEncoding?: 'UTF-8';
  readonly NumericPrecision?: number;
  readonly NumberScale?: number;
  readonly ProviderTagPrefixes?: readonly string[];
}

export interface FocusMetadata {
  readonly DataGenerator: { readonly DataGenerator: string };
  readonly Schema: {
    readonly SchemaId: string;
    readonly FocusVersion: '1.2';
    readonly DataGeneratorVersion: string;
    readonly CreationDate: string;
    readonly ColumnDefinition: readonly ColumnDefinition[];
  };
}

/** Version of the logic that makes rows. docs/exports.md lists the changes; a change of the schema is one too. */
const GENERATOR_VERSION = '1.0.0';
/** When the schema became what it is: changes whenever its id does. */
const CREATION_DATE = '2026-11-22T07:00:00Z';

/** A name of up to 256 characters, and the apostrophe of what is no formula. */
const NAME = 257;
/** Names put together: a SKU, its price, a description. */
const COMPOSED = 1_024;

/** Longest texts; a column that is not listed here has the length of a name. */
const LENGTHS: { readonly [C in FocusColumn]?: number } = {
  BillingAccountId: 63,
  BillingCurrency: 3,
  ChargeCategory: 10,
  ChargeClass: 10,
  ChargeDescription: COMPOSED,
  ChargeFrequency: 11,
  ConsumedUnit: 64,
  PricingCategory: 8,
  PricingUnit: 128,
  ServiceCategory: 23,
  ServiceSubcategory: 13,
  SkuId: COMPOSED,
  SkuMeter: 64,
  SkuPriceId: COMPOSED,
  x_Meter: 64,
};

/** Charged amounts have twelve decimals; products have more. */
const CHARGED = { NumericPrecision: 38, NumberScale: 12 };
const MULTIPLIED = { NumericPrecision: 76, NumberScale: 38 };

function definitionOf(name: FocusColumn, kind: string): ColumnDefinition {
  switch (kind) {
    case 'amount':
      return {
        ColumnName: name,
        DataType: 'DECIMAL',
        ...(name === 'BilledCost' || name === 'EffectiveCost' ? CHARGED : MULTIPLIED),
      };
    case 'count':
      return { ColumnName: name, DataType: 'DECIMAL', NumericPrecision: 19, NumberScale: 0 };
    case 'time':
      return { ColumnName: name, DataType: 'DATETIME' };
    case 'json':
      return {
        ColumnName: name,
        DataType: 'JSON',
        StringEncoding: 'UTF-8',
        ...(name === 'Tags' ? { ProviderTagPrefixes: [TAG_PREFIX] } : {}),
      };
    default:
      return {
        ColumnName: name,
        DataType: 'STRING',
        StringMaxLength: LENGTHS[name] ?? NAME,
        StringEncoding: 'UTF-8',
      };
  }
}

const COLUMNS = FOCUS_COLUMNS.map(({ name, kind }) => definitionOf(name as FocusColumn, kind));

/** The same for the same schema, another for every other: a GUID made of what it says. */
function schemaId(): string {
  const said = JSON.stringify(['1.2', GENERATOR_VERSION, CREATION_DATE, COLUMNS]);
  const digits = createHash('sha256').update(said).digest('hex');
  // A UUID of version 8, whose other digits are the maker's own (RFC 9562).
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `8${digits.slice(13, 16)}`,
    `a${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ].join('-');
}

/** Of every FOCUS file that this version makes. */
export const FOCUS_METADATA: FocusMetadata = {
  DataGenerator: { DataGenerator: 'Farthing' },
  Schema: {
    SchemaId: schemaId(),
    FocusVersion: '1.2',
    DataGeneratorVersion: GENERATOR_VERSION,
    CreationDate: CREATION_DATE,
    ColumnDefinition: COLUMNS,
  },
};
