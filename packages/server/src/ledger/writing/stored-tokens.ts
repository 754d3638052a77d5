/** The tokens of an event that is stored already. */
import type { TokenTotals } from '@farthing/pricing';
import { STORED_COUNTS, type StoredCount } from '../measures.ts';

const COUNT_PLACES = new Map<string, number>(STORED_COUNTS.map(({ column }, at) => [column, at]));

/** The tokens of a stored event; `counts` by {@link STORED_COUNTS}. */
export function tokensIn(counts: readonly number[]): TokenTotals {
  const of = (column: StoredCount['column']) => counts[COUNT_PLACES.get(column) ?? -1] ?? 0;
  return {
    input: of('input_tokens'),
    output: of('output_tokens'),
    cacheRead: of('cache_read_tokens'),
    cacheWrite: of('cache_write_tokens'),
    reasoning: of('reasoning_tokens'),
  };
}
