/** `usage_events`: one row per event, the current cost with it. */

import type { Tx } from '../../db/database.ts';
import { rowArray } from '../../db/row-array.ts';
import type { Pattern } from '../explanation/pattern.ts';
import { registerPatterns } from '../explanation/write-patterns.ts';
import { EVENT_ROW_COLUMNS, type EventRow } from './event-row.ts';
import { ROW_TYPES } from './row-types.ts';

const COLUMNS = EVENT_ROW_COLUMNS.join(', ');
const PATTERNS: { readonly [column: string]: string } = {
  usage_pattern: 'usage_pattern.id as usage_pattern',
  charge_pattern: 'charge_pattern.id as charge_pattern',
};
const VALUES = EVENT_ROW_COLUMNS.map((column) => PATTERNS[column] ?? `r.${column}`).join(', ');
/** Rows with the patterns that they name by hash; only where all of them are there. */
const ROWS = `unnest($1::${ROW_TYPES.event}[]) as r (${COLUMNS})
  left join explanation_patterns usage_pattern on usage_pattern.hash = r.usage_pattern
  left join explanation_patterns charge_pattern on charge_pattern.hash = r.charge_pattern
  where not exists (select from unnest($2::uuid[]) wanted
                     where not exists (select from explanation_patterns p where p.hash = wanted))`;

/**
 * Appends rows made by `createEventRows`, and their patterns where one is new. Their ids must have been claimed in the same
 * transaction.
 *
 * One binary array of composite rows is the fastest way in that row-level security leaves open. PostgreSQL 18.4,
 * 5,000 rows, indexes and RLS as they are, one connection, 2 shared cores, JavaScript included:
 * COPY by the owner 18,500 rows/s; this 12,500; COPY into a temporary table and INSERT … SELECT 12,000 (one more
 * round trip, catalog work per connection); unnest of 41 text arrays 9,300; json_populate_recordset 7,300.
 */
export async function insertEvents(tx: Tx, rowType: number, rows: readonly EventRow[]): Promise<void> {
  const patterns = patternsOf(rows);
  const insert = async () => {
    const { rowCount } = await tx.query(
      { name: 'insert_events', text: `insert into usage_events (${COLUMNS}) select ${VALUES} from ${ROWS}` },
      [
        rowArray(
          rowType,
          rows.map(({ row }) => row),
        ),
        patterns.map(({ hash }) => hash),
      ],
    );
    return rowCount;
  };
  if ((await insert()) === rows.length) return;
  await registerPatterns(tx, patterns);
  const stored = await insert();
  if (stored !== rows.length) throw new Error(`Expected to store ${rows.length} events, stored ${stored}.`);
}

/**
 * Replaces one stored event (at `oldTime`) by another reading of the same call; `received_at` stays the first one. Its
 * patterns must have been registered in the same transaction.
 */
export async function replaceEvent(tx: Tx, rowType: number, oldTime: number, row: EventRow): Promise<void> {
  const { rowCount } = await tx.query(
    {
      name: 'replace_event',
      text: `update usage_events e set (${COLUMNS}) = (select ${COLUMNS.replaceAll(/\w+/g, 'n.$&')})
             from (select ${VALUES} from ${ROWS}) n
             where e.tenant_id = n.tenant_id and e.id = n.id and e.event_time = $3`,
    },
    [rowArray(rowType, [row.row]), row.patterns.map(({ hash }) => hash), new Date(oldTime)],
  );
  if (rowCount !== 1) throw new Error(`Expected to replace one stored event, found ${rowCount}.`);
}

/** A process creates each pattern once, so patterns can be compared by reference. */
function patternsOf(rows: readonly EventRow[]): readonly Pattern[] {
  const found = new Set<Pattern>();
  for (const { patterns } of rows) for (const pattern of patterns) found.add(pattern);
  return [...found];
}
