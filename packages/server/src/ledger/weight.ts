/** How much there is of a value, without going through more of it than one wants to know. */

/** Deeper nesting always counts as too large: few readers can process it. */
const DEEPEST = 500;

/**
 * The rest of `allowance` after subtracting every value and every character in `value`. Stops as soon as it is below 0.
 * It runs for every event, so it allocates nothing.
 *
 * @example weigh({ note: 'abc' }, 10) // 1: the object 1, its key 4, its text 1 + 3
 */
export function weigh(value: unknown, allowance: number, depth = 0): number {
  if (typeof value === 'string') return allowance - 1 - value.length;
  if (typeof value !== 'object' || value === null) return allowance - 1;
  if (depth > DEEPEST) return Number.NEGATIVE_INFINITY;
  let left = allowance - 1;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length && left >= 0; index += 1) {
      left = weigh(value[index], left, depth + 1);
    }
    return left;
  }
  for (const key in value) {
    left -= key.length;
    const inner: unknown = (value as { readonly [key: string]: unknown })[key];
    left = typeof inner === 'number' ? left - 1 : weigh(inner, left, depth + 1);
    if (left < 0) return left;
  }
  return left;
}
