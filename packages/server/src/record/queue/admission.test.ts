import { expect, test } from 'vitest';
import { isAdmitted } from './admission.ts';

const load = (of: { readonly [tenant: string]: number }) => ({
  bytes: Object.values(of).reduce((sum, bytes) => sum + bytes, 0),
  tenants: Object.keys(of).length,
  bytesOf: (tenant: string) => of[tenant] ?? 0,
});

test('an idle queue is anybody’s, to the last byte', () => {
  expect(isAdmitted(load({}), 'a', 5_000, 1_000)).toBe(true);
  expect(isAdmitted(load({ a: 900 }), 'a', 100, 1_000)).toBe(true);
});

test('a full queue refuses who fills it, and lets in who has less than a share', () => {
  const full = load({ a: 1_000 });
  expect(isAdmitted(full, 'a', 1, 1_000)).toBe(false);
  expect(isAdmitted(full, 'b', 200, 1_000)).toBe(true);
  expect(isAdmitted(load({ a: 1_000, b: 200 }), 'c', 40, 1_000)).toBe(true);
});

test('the reserve is bounded, and nobody gets more of it than a share', () => {
  expect(isAdmitted(load({ a: 1_000 }), 'b', 251, 1_000)).toBe(false);
  expect(isAdmitted(load({ a: 800, b: 350 }), 'b', 160, 1_000)).toBe(false);
});
