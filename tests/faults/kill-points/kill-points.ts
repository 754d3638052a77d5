/** A process is killed just after each named step of recording, with as many seeds as asked for. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seededRandom } from '../../crash/random.ts';
import { brokenInvariants } from '../../ledger/invariants.ts';
import { createTestDatabase, type TestDatabase } from '../../postgres/test-database.ts';
import { type KilledRun, recover, runToItsDeath, sideBySide } from './killed-run.ts';
import { KILL_POINTS } from './points.ts';

/** Every step is taken at least so often in its scene. */
const MOST_TAKEN = 4;

/** Declares the tests. */
export function testKillPoints(seeds: number): void {
  let store: TestDatabase;
  let runs: Map<string, readonly KilledRun[]>;
  beforeAll(async () => {
    store = await createTestDatabase();
    const random = seededRandom('kill points');
    const runsOf = KILL_POINTS.flatMap((point, at) =>
      Array.from({ length: seeds }, (_, seed) => {
        const nth = random.integer(1, MOST_TAKEN);
        const run = `kp${random.seed}-${at}-${seed}`;
        return { ...point, nth, run, firstMonth: (seed * 8) % 60, connectionString: store.connectionString };
      }),
    );
    const ended = await sideBySide(
      runsOf.map((orders) => () => runToItsDeath(orders)),
      3,
    );
    runs = Map.groupBy(ended, ({ orders }) => nameOf(orders));
  }, 600_000);
  afterAll(() => store.drop());

  for (const point of KILL_POINTS) {
    test(`killed at "${point.step}" (${point.scene}), a start has every acknowledged event once and sums that equal events`, async () => {
      for (const run of runs.get(nameOf(point)) ?? []) {
        const { orders } = run;
        expect(run.end, `killed at the ${orders.nth}. time`).toBe('SIGKILL');
        expect(await recover(store.database, run)).toEqual({
          lost: [],
          doubled: [],
          invented: [],
          missingAfterRepeat: [],
        });
      }
      expect(await brokenInvariants(store.database)).toEqual([]);
    });
  }
}

const nameOf = ({ scene, step }: { readonly scene: string; readonly step: string }) => `${scene}: ${step}`;
