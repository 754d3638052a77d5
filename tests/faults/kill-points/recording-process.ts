/**
 * A process that records events and dies at one step of it: `node recording-process.ts ORDERS`. Says on standard output,
 * line by line and at once, what it is about to record (`sent`) and what its caller was answered (`answered`).
 */
import { writeSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { book } from '@farthing/pricing/book';
import { createDatabase } from '../../../packages/server/src/db/database.ts';
import type { UsageEvent } from '../../../packages/server/src/ledger/usage-event.ts';
import { quarantine } from '../../../packages/server/src/ledger/writing/quarantine-store.ts';
import { installedBook } from '../../../packages/server/src/price-book/installed-book.ts';
import { createRecorder } from '../../../packages/server/src/record/create-recorder.ts';
import { openJournal } from '../../../packages/server/src/record/journal/journal.ts';
import type { Recorder } from '../../../packages/server/src/record/recorder.ts';
import { testEvent } from '../../ledger/events.ts';
import type { Orders } from './points.ts';
import { watchCommits, watchDatabase, watchFiles } from './steps.ts';

const ROUNDS = 40;
const log = { info() {}, warn() {}, error() {} };
const orders = JSON.parse(process.argv[2] ?? '') as Orders;
const { scene, step, nth, run, firstMonth } = orders;

const say = (what: unknown) => writeSync(1, `${JSON.stringify(what)}\n`);
let taken = 0;
function onStep(name: string): void {
  if (name !== step) return;
  taken += 1;
  if (taken === nth) process.kill(process.pid, 'SIGKILL');
}

const spoolDirectory = path.join(orders.folder, 'spool');
const directory = path.join(orders.folder, 'journal');
watchFiles(scene === 'journal' ? directory : spoolDirectory, onStep);
watchCommits(onStep);
const db = watchDatabase(createDatabase({ connectionString: orders.connectionString, log, max: 6 }), onStep);
const recorder = await createRecorder({
  db,
  books: installedBook(book),
  spoolDirectory,
  limits: { segmentBytes: 4_000 },
  log: { recorded() {}, failed() {}, notice() {} },
});

let made = 0;
/** New events, one that comes again, one that is known better by now, one whose id belongs to another event. */
function nextEvents(round: number): UsageEvent[] {
  const fresh = () => {
    made += 1;
    return `${run}-${made}`;
  };
  const month = step === 'month made' ? firstMonth + round : 80;
  const time = Date.UTC(2020, month, 3, 7, 5);
  const attribution = { agent: `${run}-agent-${round}`, project: 'p', user: `u${round % 3}` };
  const event = testEvent({ id: fresh(), time, attribution });
  const cut = testEvent({ id: fresh(), time: time - 3_600_000, source: 'partial', output: 1, attribution });
  const known = testEvent({ id: cut.id, time, output: 77, attribution });
  return [
    ...[event, cut, testEvent({ id: fresh(), model: 'nobody-knows-this', time })],
    ...(round % 2 === 0 ? [event, known, testEvent({ id: event.id, time, output: 5_000 })] : [known]),
  ];
}

async function record(to: Pick<Recorder, 'record'>, events: readonly UsageEvent[]): Promise<void> {
  say({ sent: events });
  const outcomes = await to.record(events);
  onStep('caller answered');
  say({ answered: outcomes.map(({ id, status }) => ({ id, status })) });
}

if (scene === 'journal') {
  const journal = await openJournal({
    directory,
    limits: { spoolBytes: 1024 * 1024, segmentBytes: 3_000 },
    recorder: {
      async record(events) {
        const outcomes = await recorder.record(events);
        onStep('segment recorded');
        return outcomes;
      },
    },
    quarantine: (event, reason) => db.asWriter((tx) => quarantine(tx, event, reason)),
    onDelayed: () => undefined,
  });
  for (let round = 0; round < ROUNDS; round += 1) {
    const keep = {
      async record(events: readonly UsageEvent[]) {
        await Promise.all(events.map((event) => journal.keep(event)));
        return events.map(({ id }) => ({ status: 'queued' as const, id }));
      },
    };
    await record(keep, nextEvents(round));
    if (round % 3 === 2) while (journal.events > 0) await sleep(5);
  }
} else {
  for (let round = 0; round < ROUNDS; round += 1) {
    if (scene === 'outage') db.away = round % 4 < 2;
    // One event after another in an outage, so that its own report comes behind the cut-short one.
    await Promise.all([record(recorder, nextEvents(2 * round)), record(recorder, nextEvents(2 * round + 1))]);
    if (scene === 'outage' && round % 4 === 3) await recorder.replayed();
    // Reported four times a second: a run takes as long as the fourth report needs.
    if (step === 'round written' || step === 'listeners told') await sleep(40);
  }
}
say({ survived: taken });
process.exit(0);
