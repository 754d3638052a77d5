import { expect, test } from 'vitest';
import { weigh } from './weight.ts';

test('every value and every character counts', () => {
  expect(weigh({ note: 'abc' }, 10)).toBe(1);
  expect(weigh([1, null, true, 'ab'], 10)).toBe(3);
  expect(weigh({}, 10)).toBe(9);
});

test('what does not fit is below 0, however much there is of it, and no more than that is looked at', () => {
  let looked = 0;
  const endless = new Proxy([], {
    get: (target, key, receiver) => {
      if (key === 'length') return 1e9;
      looked += 1;
      return typeof key === 'string' ? 1 : Reflect.get(target, key, receiver);
    },
  });
  expect(weigh(endless, 1_000)).toBeLessThan(0);
  expect(looked).toBeLessThan(1_010);
});

test('what is nested without end is too much', () => {
  let deep: unknown = 1;
  for (let depth = 0; depth < 100_000; depth += 1) deep = { deep };
  expect(weigh(deep, 1e9)).toBeLessThan(0);
});
