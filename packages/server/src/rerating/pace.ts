/** How many events the next batch takes, and whether it is bounded: what earlier ones took decides. */
import type { Bounds } from './batch.ts';

/** Batches grow and shrink around this: rows stay locked far less than the 200 ms that are promised. */
const AIM_MS = 60;
/** Past these a batch is given up and tried again with half the events, down to a single one. */
const BOUNDS: Bounds = { budgetMs: 120, endMs: 180 };
/**
 * So often a single event is tried within bounds; where a machine is that slow, a few are done without at last. A machine
 * that needed this is given less patience, so that a run gets on there too.
 */
const PATIENCE = 30;
const LEAST_PATIENCE = 2;
/** Events of a step without bounds. */
const UNBOUND_EVENTS = 8;

/** What the next batch may take. */
export interface Allowance {
  readonly events: number;
  /** Null: without bounds, after a single event was too much for them too often. */
  readonly bounds: Bounds | null;
}

export class Pace {
  readonly #most: number;
  #size: number;
  #patience = PATIENCE;
  /** Times that a single event of this run was given up in a row. */
  #givenUp = 0;

  /** `most`: events of one batch. */
  constructor(most: number) {
    this.#most = most;
    this.#size = Math.min(50, most);
  }

  /** A run begins; the size that suited the last one is kept. */
  begin(): void {
    this.#givenUp = 0;
  }

  next(): Allowance {
    return this.#givenUp < this.#patience
      ? { events: this.#size, bounds: BOUNDS }
      : { events: UNBOUND_EVENTS, bounds: null };
  }

  /** A batch went through. */
  passed({ bounds }: Allowance): void {
    this.#givenUp = 0;
    this.#patience =
      bounds === null
        ? Math.max(LEAST_PATIENCE, this.#patience >> 1)
        : Math.min(PATIENCE, this.#patience + 1);
  }

  /** It locked rows for so long: the next one is smaller or larger for it. */
  fit({ bounds }: Allowance, lockedMs: number): void {
    if (bounds !== null) this.#size = nextSize(this.#size, lockedMs, this.#most);
  }

  /**
   * A batch was given up because of its bounds. `single`: it was one event, which is worth a pause. `unbound`: from here on
   * some are done without bounds.
   */
  tooLong(): { readonly single: boolean; readonly unbound: boolean } {
    const single = this.#size === 1;
    if (single) this.#givenUp += 1;
    this.#size = Math.max(1, Math.floor(this.#size / 2));
    return { single, unbound: single && this.#givenUp === PATIENCE };
  }
}

/** Smaller at once when rows were locked for long, larger step by step. */
function nextSize(size: number, lockedMs: number, most: number): number {
  if (lockedMs > AIM_MS) return Math.max(1, Math.floor((size * AIM_MS) / lockedMs / 1.5));
  return lockedMs < AIM_MS / 2 ? Math.min(most, Math.ceil(size * 1.25)) : size;
}
