/** The attack of `api.test.ts`, ten times as long, from other seeds. */
import { describe, expect, it } from 'vitest';
import { ALL_ROUTES } from '../../packages/server/src/api/all-routes.ts';
import { attack } from './api-attack.ts';

const WANTED = 50_000;

describe('bad requests, many times', () => {
  it.each([1, 2])(`seed %i: ${WANTED} over every operation`, async (seed) => {
    const perOperation = Math.ceil(WANTED / (Object.keys(ALL_ROUTES).length - 3));
    const { sent, problems, changed, slowestMs } = await attack(perOperation, seed);
    console.log(`${sent} bad requests, slowest ${slowestMs.toFixed(0)} ms`);
    expect(problems.slice(0, 20)).toEqual([]);
    expect(changed).toEqual([]);
  });
});
