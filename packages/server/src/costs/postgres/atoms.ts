/** Periods that overlap share what they have in common: pieces are cut so that no row is read twice. */
import type { CoverPiece, Source } from './cover.ts';

/** Pieces of one table that are cut together: those of the same zone and tenants. */
export interface AtomGroup {
  readonly source: Source;
  /** The zone whose days these are; null for other tables. */
  readonly zone: string | null;
  readonly tenants: readonly string[];
  readonly atoms: readonly Atom[];
}

/** A stretch that no piece begins or ends inside, Unix milliseconds. */
export interface Atom {
  /** Counts through all groups. */
  readonly number: number;
  readonly from: number;
  readonly to: number;
}

/** The atoms of a period: added, or (−1) subtracted. */
export interface Share {
  readonly number: number;
  readonly sign: 1 | -1;
}

/** Cuts the pieces of periods into atoms; `shares` has an entry per period, in their order. */
export function cutIntoAtoms(periods: readonly (readonly CoverPiece[])[]): {
  readonly groups: readonly AtomGroup[];
  readonly shares: readonly (readonly Share[])[];
} {
  const byKey = new Map<string, CoverPiece[]>();
  for (const piece of periods.flat()) {
    const key = keyOf(piece);
    const there = byKey.get(key);
    if (there === undefined) byKey.set(key, [piece]);
    else there.push(piece);
  }
  const cut = new Map<string, AtomGroup>();
  let count = 0;
  for (const [key, pieces] of byKey) {
    const [first] = pieces;
    if (first === undefined) continue;
    const atoms = atomsOf(pieces, count);
    count += atoms.length;
    cut.set(key, { source: first.source, zone: first.zone, tenants: first.tenants, atoms });
  }
  const sharesOf = (piece: CoverPiece): Share[] =>
    (cut.get(keyOf(piece))?.atoms ?? [])
      .filter(({ from, to }) => from >= piece.from && to <= piece.to)
      .map(({ number }) => ({ number, sign: piece.sign }));
  return { groups: [...cut.values()], shares: periods.map((pieces) => pieces.flatMap(sharesOf)) };
}

const keyOf = ({ source, zone, tenants }: CoverPiece): string =>
  `${source} ${zone ?? ''} ${tenants.join(' ')}`;

/** From edge to edge, where a piece covers it. */
function atomsOf(pieces: readonly CoverPiece[], first: number): Atom[] {
  const opened = new Map<number, number>();
  for (const { from, to } of pieces) {
    opened.set(from, (opened.get(from) ?? 0) + 1);
    opened.set(to, (opened.get(to) ?? 0) - 1);
  }
  const atoms: Atom[] = [];
  let [open, from] = [0, 0];
  for (const edge of [...opened.keys()].sort((a, b) => a - b)) {
    if (open > 0) atoms.push({ number: first + atoms.length, from, to: edge });
    open += opened.get(edge) ?? 0;
    from = edge;
  }
  return atoms;
}
