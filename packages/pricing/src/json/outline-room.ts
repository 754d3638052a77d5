/** How much of a value an outline may still keep: what is open, and how much of it was kept already. */
import type { OutlineLimits } from './outline-text.ts';

/** Deepest nesting that is kept. */
const MAX_DEPTH = 64;

/** Counts what is kept of one value, per container. */
export class OutlineRoom {
  readonly #limits: OutlineLimits;
  /** Containers that are open and kept. */
  #depth = 0;
  readonly #isArray = new Uint8Array(MAX_DEPTH + 1);
  /** Values kept in the container at a depth. */
  readonly #filled = new Uint32Array(MAX_DEPTH + 1);
  readonly #numbers = new Uint32Array(MAX_DEPTH + 1);
  readonly #texts = new Uint32Array(MAX_DEPTH + 1);
  /** Lists among the open containers. */
  #lists = 0;
  #values = 0;

  constructor(limits: OutlineLimits) {
    this.#limits = limits;
  }

  reset(): void {
    this.#depth = 0;
    this.#filled[0] = 0;
    this.#lists = 0;
    this.#values = 0;
  }

  get depth(): number {
    return this.#depth;
  }

  /** True where the innermost open container is a list. */
  get inList(): boolean {
    return this.#isArray[this.#depth] === 1;
  }

  /** True where one more container may be kept. */
  fitsDeeper(): boolean {
    return this.#depth < MAX_DEPTH;
  }

  /** @param kept bytes of the outline so far */
  fits(kept: number): boolean {
    const { bytes, values } = this.#limits;
    const share = this.#lists > 0 ? 2 : 1;
    return kept < bytes / share && this.#values < values / share;
  }

  /** True if the open list is not full of texts; counts this one. */
  fitsText(): boolean {
    return this.#fitsPlain(this.#texts, this.#limits.texts);
  }

  /** True if the open list is not full of numbers; counts this one. */
  fitsNumber(): boolean {
    return this.#fitsPlain(this.#numbers, this.#limits.numbers);
  }

  /** Counts a kept value; true if it is not the first in its container. */
  keepValue(): boolean {
    const filled = this.#filled[this.#depth] ?? 0;
    this.#filled[this.#depth] = filled + 1;
    this.#values += 1;
    return filled > 0;
  }

  enter(isArray: boolean): void {
    this.#depth += 1;
    const depth = this.#depth;
    this.#isArray[depth] = isArray ? 1 : 0;
    this.#filled[depth] = 0;
    this.#numbers[depth] = 0;
    this.#texts[depth] = 0;
    if (isArray) this.#lists += 1;
  }

  leave(): void {
    if (this.inList) this.#lists -= 1;
    this.#depth -= 1;
  }

  #fitsPlain(counts: Uint32Array, most: number): boolean {
    const seen = counts[this.#depth] ?? 0;
    counts[this.#depth] = seen + 1;
    return seen < most;
  }
}
