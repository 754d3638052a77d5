/** Invariants that hold between any two transactions, proved over one stretch of one tenant's time. */
import { parseUsd, printUsd } from '@farthing/pricing';
import type { Tx } from '../db/database.ts';
import { ofTable, storedSql } from '../ledger/kept-as-null.ts';
import { STORED_COUNTS } from '../ledger/measures.ts';
import { compareDays, compareRollups, type RebuildPiece } from './compare.ts';

const ofEvent = ofTable('e');

/** The first place where an invariant does not hold. Amounts are decimal USD, counts whole numbers, as text. */
export interface Difference {
  readonly tenant: string;
  /** The table whose row is wrong. */
  readonly table: 'rollups_15m' | 'rollups_day' | 'usage_events';
  /** Start of the quarter hour, the local day, or the time of the event. */
  readonly bucket: string;
  /** Of a row of sums; null for an event. */
  readonly dimension: string | null;
  /** Key of the row: the dimension's value with provider, model and operation, or the event's id. */
  readonly row: string;
  readonly columns: readonly { readonly column: string; readonly expected: string; readonly found: string }[];
  /** Number of rows that differ in this stretch. */
  readonly different: number;
  /** The stretch that was looked at, Unix milliseconds. */
  readonly from: number;
  readonly to: number;
}

/** The findings in one stretch. */
export interface Proof {
  /** Rows or events that were looked at. */
  readonly compared: number;
  readonly difference: Difference | null;
}

/**
 * I3: quarter hours against events, in every dimension and column, and the days they touch against their quarter hours.
 * Without `events` (they are deleted below a watermark), only the days.
 */
export async function proveSums(tx: Tx, piece: RebuildPiece, events: boolean): Promise<Proof> {
  const { compared, different, first } = await (events ? compareRollups : compareDays)(tx, piece);
  if (first === null) return { compared, difference: null };
  const { table, tenant, bucket, dimension, value, provider, model, operation, columns } = first;
  return {
    compared,
    difference: {
      tenant,
      table,
      bucket,
      dimension,
      row: [value, provider, model, operation].join(' · '),
      columns: columns.map(({ column, is, shouldBe }) => ({ column, expected: shouldBe, found: is })),
      different,
      from: piece.from,
      to: piece.to,
    },
  };
}

interface ChargeRow {
  readonly compared: string;
  readonly different: string;
  readonly id: string | null;
  readonly event_time: Date;
  readonly lines: string;
  readonly lines_differ: boolean;
  readonly parts: string;
  readonly total_cost: string | null;
  readonly total_differs: boolean;
  readonly unpriced: boolean;
  readonly least_tokens: string;
  readonly negative: boolean;
}

/**
 * One row: how many events, how many of them are broken, and the first. `parts` are the three directions of a charge;
 * they are the sum of its lines, and its total where it has one. A charge has no total if a line has no price, unless
 * the provider stated the cost. It may also lack one if a segment has no line, since then there is nothing to price: no
 * usage, or a model that is unknown.
 */
const CHARGES = `
  with looked_at as materialized (
    select e.id, e.event_time, e.total_cost, e.input_cost + e.output_cost + ${storedSql('other_cost', ofEvent)} as parts,
           (select coalesce(sum((line ->> 4)::numeric), 0) from jsonb_array_elements(stored.charge) line) as lines,
           exists (select from jsonb_array_elements(stored.charge) line where line ->> 4 is null) as unpriced,
           e.total_cost is null and (jsonb_array_length(stored.charge) = 0 or exists (
             select from jsonb_array_elements(stored.usage -> 'segments') with ordinality segment (_, position)
              where not exists (select from jsonb_array_elements(stored.charge) line
                                 where (line ->> 6)::int = position - 1))) as silent,
           e.reported_cost is not null as stated,
           least(${STORED_COUNTS.map(({ column }) => storedSql(column, ofEvent)).join(', ')},
                 e.input_tokens - ${storedSql('cache_read_tokens', ofEvent)} - ${storedSql('cache_write_tokens', ofEvent)},
                 e.output_tokens - ${storedSql('reasoning_tokens', ofEvent)}) as least_tokens,
           exists (select from jsonb_array_elements(stored.usage -> 'segments') segment,
                               jsonb_each_text(segment -> 'quantities') quantity
                    where quantity.value::numeric < 0) as negative
      from usage_events e
     cross join lateral (select charge_of(e) as charge, usage_of(e) as usage offset 0) stored
     where e.tenant_id = $1 and e.event_time >= $2 and e.event_time < $3
  ), judged as materialized (
    select *, lines <> parts as lines_differ,
           case when total_cost is null then not unpriced and not silent
                else total_cost <> parts or (unpriced and not stated) end as total_differs
      from looked_at
  ), broken as materialized (
    select * from judged where lines_differ or total_differs or least_tokens < 0 or negative
  )
  select (select count(*) from looked_at) as compared, (select count(*) from broken) as different, first.*
    from (values (1)) one left join (select * from broken order by event_time, id limit 1) first on true`;

/** I8, of the events of a stretch. */
export async function proveCharges(tx: Tx, piece: RebuildPiece): Promise<Proof> {
  const { tenant, from, to } = piece;
  const { rows } = await tx.query<ChargeRow>(CHARGES, [tenant, new Date(from), new Date(to)]);
  const [row] = rows;
  if (row === undefined) throw new Error('A proof always answers with one row.');
  const compared = Number(row.compared);
  if (row.id === null) return { compared, difference: null };
  return {
    compared,
    difference: {
      tenant,
      table: 'usage_events',
      bucket: row.event_time.toISOString(),
      dimension: null,
      row: row.id,
      columns: brokenColumns(row),
      different: Number(row.different),
      from,
      to,
    },
  };
}

function brokenColumns(row: ChargeRow): Difference['columns'] {
  const columns: { column: string; expected: string; found: string }[] = [];
  const lines = plain(row.lines);
  const parts = plain(row.parts);
  const total = row.total_cost === null ? 'none' : plain(row.total_cost);
  if (row.lines_differ) {
    columns.push({ column: 'input_cost + output_cost + other_cost', expected: lines, found: parts });
  }
  if (row.total_differs) {
    const none = row.unpriced && row.total_cost !== null && total === parts;
    columns.push({ column: 'total_cost', expected: none ? 'none' : parts, found: total });
  }
  if (Number(row.least_tokens) < 0 || row.negative) {
    const found = row.negative ? 'negative' : row.least_tokens;
    columns.push({ column: 'quantities', expected: '0 or more', found });
  }
  return columns;
}

const plain = (usd: string): string => printUsd(parseUsd(usd));
