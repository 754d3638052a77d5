import { expect, test } from 'vitest';
import { openSpool, type Spool } from '../../packages/server/src/record/spool/spool.ts';
import { type Random, seededRandom } from '../crash/random.ts';
import { testEvent } from '../ledger/events.ts';
import { FaultyFiles } from './faulty-files.ts';
import { filesOn, PowerLossDisk } from './power-loss-disk.ts';

const FOLDER = '/data/spool';
const LIMITS = { spoolBytes: 10_000_000, segmentBytes: 4_000 };
const RUNS = 40;
const LOSSES_PER_RUN = 12;

/** Ids that the first `count` steps acknowledged and did not remove. */
function owed(disk: PowerLossDisk, count: number): Set<string> {
  const ids = new Set<string>();
  for (const step of disk.steps.slice(0, count)) {
    if (step.kind !== 'mark') continue;
    const [what, id = ''] = step.text.split(' ');
    if (what === 'kept') ids.add(id);
    else ids.delete(id);
  }
  return ids;
}

async function readAll(spool: Spool): Promise<string[]> {
  const ids: string[] = [];
  for (let segment = await spool.oldest(); segment !== null; segment = await spool.oldest()) {
    ids.push(...segment.events.map(({ id }) => id));
    await spool.remove(segment);
  }
  return ids;
}

/** A spool at work on a disk that fails now and then. */
async function work(random: Random, disk: PowerLossDisk): Promise<void> {
  const files = new FaultyFiles(filesOn(disk));
  let spool = await openSpool(FOLDER, LIMITS, { files });
  for (let round = 0; round < 30; round += 1) {
    files.heal();
    const bad = random.integer(0, 5);
    if (bad === 0) files.begin({ operations: ['datasync'], code: 'EIO', times: random.integer(1, 2) });
    if (bad === 1) files.room = random.integer(0, 3_000);
    if (bad === 2) files.begin({ operations: ['truncate'], code: 'EIO' });
    if (bad === 3) files.begin({ operations: ['syncFolder'], code: 'EIO', times: 1 });
    // A start is the quickest way to look at a disk that failed again.
    if (spool.refusal() !== null || random.integer(0, 9) === 0) {
      await spool.close();
      spool = await openSpool(FOLDER, LIMITS, { files });
    }
    const appends = Array.from({ length: random.integer(1, 4) }, async () => {
      const events = Array.from({ length: random.integer(1, 3) }, () => testEvent());
      await spool.append(events);
      for (const { id } of events) disk.do({ kind: 'mark', text: `kept ${id}` });
    });
    await Promise.allSettled(appends);
    if (random.integer(0, 2) > 0) continue;
    const segment = await spool.oldest();
    if (segment === null) continue;
    // Committed: from here on the events may go.
    for (const { id } of segment.events) disk.do({ kind: 'mark', text: `gone ${id}` });
    await spool.remove(segment);
  }
  await spool.close();
}

test('what was acknowledged is read back after a loss of power at any moment, whatever of the rest was written', async () => {
  const random = seededRandom('loss of power');
  let [states, owedEvents] = [0, 0];
  for (let run = 0; run < RUNS; run += 1) {
    const disk = new PowerLossDisk();
    await work(random, disk);
    for (let loss = 0; loss < LOSSES_PER_RUN; loss += 1) {
      const count = random.integer(0, disk.steps.length);
      const after = PowerLossDisk.replay(disk.steps, count).afterPowerLoss(random);
      const spool = await openSpool(FOLDER, LIMITS, { files: filesOn(after) });
      const read = new Set(await readAll(spool));
      const expected = owed(disk, count);
      expect([...expected].filter((id) => !read.has(id))).toEqual([]);
      states += 1;
      owedEvents += expected.size;
      await spool.close();
    }
  }
  console.log(`loss of power: ${states} states, ${owedEvents} events owed, all there`);
  expect(states).toBeGreaterThanOrEqual(300);
  expect(owedEvents).toBeGreaterThan(states);
});
