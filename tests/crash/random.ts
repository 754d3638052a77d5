/** A seeded source of randomness: a failing run is repeated with FARTHING_SEED. */

export interface Random {
  readonly seed: number;
  /** A whole number, both ends included. */
  integer(from: number, to: number): number;
}

/** Takes the seed from the environment, else from the clock; says which. */
export function seededRandom(name: string): Random {
  const given = Number(process.env['FARTHING_SEED'] ?? '');
  const seed = Number.isSafeInteger(given) && given > 0 ? given : (Date.now() % 0x7fff_ffff) + 1;
  console.log(`${name}: FARTHING_SEED=${seed}`);
  let state = seed;
  // mulberry32: small, well mixed, and the same everywhere.
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { seed, integer: (from, to) => from + Math.floor(next() * (to - from + 1)) };
}
