/** Parsers of column values; none may lose a digit or shift a day. */
import pg from 'pg';

const { builtins } = pg.types;
const TEXT_ARRAY = 1009 as typeof builtins.TEXT; // text[] is missing in the declared list
const asTextArray = pg.types.getTypeParser(TEXT_ARRAY);
const asText = (value: string): string => value;

/** Date columns and the arrays that node-postgres would otherwise turn into Dates and floats. */
const overrides = new Map<number, (value: string) => unknown>([
  [builtins.DATE, asText],
  [1016, asTextArray], // int8[]
  [1182, asTextArray], // date[]
  [1231, asTextArray], // numeric[]
]);

/** Type parsers for a client: int8, numeric and date are text; timestamptz is a Date; json is parsed. */
export const columnTypes: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: string) {
    const override = format === 'binary' ? undefined : overrides.get(oid);
    return override ?? pg.types.getTypeParser(oid, format as 'text');
  },
};
