/** Sums many periods in one statement: rows that several of them need are read once. */
import type { Tx } from '../../db/database.ts';
import { dimensionsOf } from '../cost-plan.ts';
import type { PeriodsQuery } from '../cost-store.ts';
import type { ScopedTenant } from '../scoped-tenant.ts';
import { type AllSums, addSums, noSums, type SumField, subtractSums } from '../sums.ts';
import { cutIntoAtoms, type Share } from './atoms.ts';
import { type AtomSums, compilePeriods } from './compile/periods-sql.ts';
import { coverPieces } from './pieces.ts';
import { queryPlanned, queryPrepared } from './prepared.ts';
import { rollupReach } from './reach.ts';
import { readSums } from './sum-rows.ts';

/** One entry per period, in their order. */
export async function sumAtOnce<F extends SumField>(
  tx: Tx,
  tenants: readonly ScopedTenant[],
  { periods, filters, fields }: PeriodsQuery<F>,
): Promise<readonly Pick<AllSums, F>[]> {
  const query = { groupBy: [], filters };
  const reach = rollupReach(dimensionsOf(query));
  const pieces = periods.map(({ from, to, compared }) => {
    const which = compared === true ? 'previous' : 'current';
    return coverPieces(tenants, query, reach, { which, from, to, innerEdges: [] });
  });
  const { groups, shares } = cutIntoAtoms(pieces);
  const nothing = noSums(fields);
  if (groups.length === 0) return shares.map(() => nothing);
  const further = reach.known ? reach.further : null;
  const { text, values } = compilePeriods({ groups, fields, query, further });
  const ask = reach.known ? queryPrepared : queryPlanned;
  const { rows } = await ask<AtomSums>(tx, text, values);
  const atoms = new Map(rows.map((row) => [row.atom, readSums(row, fields)]));
  return shares.map((own) => addUp(own, atoms, nothing));
}

function addUp<F extends SumField>(
  shares: readonly Share[],
  atoms: ReadonlyMap<number, Pick<AllSums, F>>,
  nothing: Pick<AllSums, F>,
): Pick<AllSums, F> {
  let sums = nothing;
  for (const { number, sign } of shares) {
    const atom = atoms.get(number);
    if (atom === undefined) continue;
    if (sign < 0) sums = subtractSums(sums, atom);
    else sums = sums === nothing ? atom : addSums(sums, atom);
  }
  return sums;
}
