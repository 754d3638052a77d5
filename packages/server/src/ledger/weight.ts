/** How much there is of a value, without going through more of it than one wants to know. */

/**
 * What is left of `allowance` after every value and every character in `value`; below 0 once it does not suffice,
 * however much more there is.
 *
 * @example weigh({ note: 'abc' }, 10) // 1: the object 1, its key 4 + 1, its text 3
 */
export function weigh(value: unknown, allowance: number): number {
  if (value === null) return allowance - 1;
  if (typeof value === 'string') return allowance - 1 - value.length;
  if (typeof value !== 'object') return allowance - 1;
  const waiting: object[] = [value];
  let left = allowance - 1;
  for (let one = waiting.pop(); one !== undefined && left >= 0; one = waiting.pop()) {
    for (const key in one) {
      const inner: unknown = (one as { readonly [key: string]: unknown })[key];
      left -= key.length + 1;
      if (typeof inner === 'string') left -= inner.length;
      else if (typeof inner === 'object' && inner !== null) waiting.push(inner);
      if (left < 0) return left;
    }
  }
  return left;
}
