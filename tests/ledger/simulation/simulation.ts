/** Random lives of a recording process against a model of the ledger, replayed from their seed. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seededRandom } from '../../crash/random.ts';
import { printFigures } from '../../crash/report.ts';
import { createTestDatabase, type TestDatabase } from '../../postgres/test-database.ts';
import { brokenInvariants } from '../invariants.ts';
import { steps } from './steps.ts';
import { World } from './world.ts';

/** Lives at the same time, each with a tenant and a folder of its own: most of a life is waiting. */
const SIDE_BY_SIDE = 4;

/** Declares the test. */
export function testSimulation(options: { readonly lives: number; readonly steps: number }): void {
  let store: TestDatabase;
  beforeAll(async () => {
    store = await createTestDatabase();
  });
  afterAll(() => store.drop());

  test(`${options.lives} lives of up to ${options.steps} steps with outages, lost answers and crashes keep what they acknowledged, once, with sums that equal events`, async () => {
    const { seed } = seededRandom('simulation');
    let lives = 0;
    const figures = new Map<string, number>();
    const count = (what: string) => figures.set(what, (figures.get(what) ?? 0) + 1);
    const property = fc.asyncProperty(steps(options.steps), async (given) => {
      lives += 1;
      const tenant = `sim-${seed}-${lives}`;
      await store.database.asOperator((tx) =>
        tx.query("insert into tenants (id, name, time_zone) values ($1, $1, 'Europe/Berlin')", [tenant]),
      );
      const world = new World(store.database, tenant, count);
      await world.live(given);
      expect(world.wrong).toEqual([]);
    });
    const lanes = Array.from({ length: SIDE_BY_SIDE }, (_, lane) =>
      fc.assert(property, { seed: seed + lane, numRuns: Math.ceil(options.lives / SIDE_BY_SIDE) }),
    );
    const ended = await Promise.allSettled(lanes);
    printFigures('simulation', { lives, ...Object.fromEntries([...figures].sort()) });
    const failed = ended.flatMap((one) => (one.status === 'rejected' ? [told(one.reason)] : []));
    expect(failed).toEqual([]);
    expect(await brokenInvariants(store.database)).toEqual([]);
  }, 900_000);
}

/** The counterexample and how to run it again, with what was wrong. */
function told(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
  return `${String(error)}\n${cause}`;
}
