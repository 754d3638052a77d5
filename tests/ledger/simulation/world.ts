/**
 * A recording process as it really is, on a real Postgres, whose faults are scripted: the database goes away, comes back,
 * is slow, loses answers; the process dies and another begins on what it left on disk.
 */
import { cpSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, Tx } from '../../../packages/server/src/db/database.ts';
import type { UsageEvent } from '../../../packages/server/src/ledger/usage-event.ts';
import { quarantine } from '../../../packages/server/src/ledger/writing/quarantine-store.ts';
import { type Journal, openJournal } from '../../../packages/server/src/record/journal/journal.ts';
import type { Recorder } from '../../../packages/server/src/record/recorder.ts';
import { testEvent } from '../events.ts';
import { removeFolder, temporaryFolder, testRecorder } from '../recorders.ts';
import { Model, type Stored } from './model.ts';
import type { SentAs, Step } from './steps.ts';

/** Far more than the slowest try takes before it is given up. */
const LONGEST_STEP_MS = 60_000;

/** A process that is dead to the world: nothing it still does reaches anyone. */
interface Life {
  dead: boolean;
  readonly recorder: Recorder;
  readonly journal: Journal;
}

async function stop({ journal, recorder }: Life): Promise<void> {
  await journal.drain();
  await recorder.drain();
}

export class World {
  readonly #db: Database;
  readonly #tenant: string;
  readonly #model: Model;
  readonly #folders: string[] = [];
  /** Work that dead processes still do, until it has ended. */
  readonly #ghosts: Promise<void>[] = [];
  /** Sentences about what is wrong. */
  readonly wrong: string[] = [];
  readonly #count: (what: string) => void;
  #life: Life | null = null;
  #away = false;
  #answersToLose = 0;
  #slowMs = 0;
  #calm = true;

  /** `count` hears of every step and of every answer, for the figures of a run. */
  constructor(db: Database, tenant: string, count: (what: string) => void) {
    this.#count = count;
    this.#db = db;
    this.#tenant = tenant;
    this.#model = new Model(tenant);
  }

  /** Begins with an empty folder, goes through the steps, ends settled; stops at the first that goes wrong. */
  async live(steps: readonly Step[]): Promise<void> {
    const folder = await temporaryFolder();
    this.#folders.push(folder);
    this.#life = await this.#begin(folder);
    for (const [at, step] of [...steps, { do: 'settle' } as const].entries()) {
      this.#count(`step ${step.do}`);
      await Promise.race([this.#take(step), this.#tooLate(at, step)]);
      await this.#look(step.do === 'settle');
      if (this.wrong.length > 0) {
        this.wrong.unshift(`after step ${at + 1}, ${step.do}:`);
        break;
      }
    }
    this.#away = false;
    await stop(this.#life);
    await Promise.all(this.#ghosts);
    for (const one of this.#folders) await removeFolder(one);
  }

  /** Rejects when a step hangs; nothing that this process still does is waited for then. */
  async #tooLate(at: number, step: Step): Promise<never> {
    await sleep(LONGEST_STEP_MS, undefined, { ref: false });
    const { recorder, journal } = this.#alive();
    const status = JSON.stringify({ ...recorder.status(), journal: journal.events });
    throw new Error(`step ${at + 1}, ${step.do}, did not end within ${LONGEST_STEP_MS} ms: ${status}`);
  }

  async #take(step: Step): Promise<void> {
    const life = this.#alive();
    if (step.do === 'record') {
      await Promise.all(
        step.calls.map((call) =>
          this.#record(
            life,
            call.map((one) => this.#event(one)),
          ),
        ),
      );
    } else if (step.do === 'keep') {
      await Promise.all(step.events.map((one) => this.#keep(life, this.#event(one))));
    } else if (step.do === 'crash') {
      await this.#crash(life, step);
    } else if (step.do === 'go away') {
      this.#away = true;
      this.#calm = false;
    } else if (step.do === 'come back') {
      this.#away = false;
    } else if (step.do === 'lose answers') {
      this.#answersToLose = step.count;
      this.#calm = false;
    } else if (step.do === 'slow down') {
      this.#slowMs = step.ms;
    } else if (step.do === 'restart') {
      await stop(life);
      this.#life = await this.#begin(this.#folders.at(-1) ?? '');
      this.#calm = false;
    } else {
      await this.#settle(life);
    }
  }

  #alive(): Life {
    if (this.#life === null) throw new Error('The world has not begun.');
    return this.#life;
  }

  async #record(life: Life, events: readonly UsageEvent[]): Promise<void> {
    for (const event of events) this.#model.send(event);
    const calm = this.#calm;
    const outcomes = await life.recorder.record(events);
    if (life.dead) return;
    for (const [at, event] of events.entries()) {
      const outcome = outcomes[at];
      this.#count(outcome?.status ?? 'nothing');
      const flaw = outcome === undefined ? 'no answer' : this.#model.answered(event, outcome, calm);
      if (flaw !== null) this.wrong.push(flaw);
    }
  }

  async #keep(life: Life, event: UsageEvent): Promise<void> {
    this.#model.send(event);
    this.#model.doubt(event);
    await life.journal.keep(event);
    if (life.dead) return;
    this.#count('kept');
    this.#model.kept(event);
  }

  /** The dying process leaves its folder as it is at that moment; later writes go to a copy, and answers to no caller. */
  async #crash(life: Life, step: Extract<Step, { do: 'crash' }>): Promise<void> {
    const events = step.events.map((one) => this.#event(one));
    const underWay = [this.#record(life, events), ...events.slice(0, 1).map((one) => this.#keep(life, one))];
    for (const work of underWay) work.catch(() => undefined); // May be refused: no caller was answered.
    await sleep(step.afterMs);
    life.dead = true;
    const folder = await temporaryFolder();
    cpSync(this.#folders.at(-1) ?? '', folder, { recursive: true });
    this.#folders.push(folder);
    this.#ghosts.push(stop(life));
    for (const event of events) this.#model.doubt(event);
    this.#calm = false;
    this.#life = await this.#begin(folder);
  }

  async #settle(life: Life): Promise<void> {
    this.#away = false;
    this.#answersToLose = 0;
    this.#slowMs = 0;
    while (life.journal.events > 0 || life.recorder.status().mode !== 'open') await sleep(2);
    await life.recorder.replayed();
    this.#calm = true;
  }

  async #begin(folder: string): Promise<Life> {
    const lives: Life[] = [];
    const isDead = () => lives[0]?.dead === true;
    const db = this.#scripted(isDead);
    const { recorder } = await testRecorder(db, {
      spoolDirectory: path.join(folder, 'spool'),
      limits: { segmentBytes: 3_000 },
    });
    const journal = await openJournal({
      directory: path.join(folder, 'journal'),
      limits: { spoolBytes: 1024 * 1024, segmentBytes: 2_000 },
      recorder,
      quarantine: (event, reason) => db.asWriter((tx) => quarantine(tx, event, reason)),
      onDelayed: () => undefined,
    });
    const life: Life = { dead: false, recorder, journal };
    lives.push(life);
    return life;
  }

  /** The database as one process meets it. */
  #scripted(isDead: () => boolean): Database {
    const pass = () => {
      if (isDead() || this.#away) throw refused();
    };
    const guarded = (tx: Tx): Tx => ({
      async query<Row extends object>(...given: Parameters<Tx['query']>) {
        pass();
        return tx.query<Row>(...given);
      },
    });
    return {
      ...this.#db,
      asWriter: async <Result>(work: (tx: Tx) => Promise<Result>) => {
        pass();
        if (this.#slowMs > 0) await sleep(this.#slowMs);
        const result = await this.#db.asWriter((tx) => work(guarded(tx)));
        if (isDead()) throw refused();
        if (this.#answersToLose > 0) {
          this.#answersToLose -= 1;
          throw new Error('Connection terminated unexpectedly');
        }
        return result;
      },
      asOwner: async <Result>(work: (tx: Tx) => Promise<Result>) => {
        pass();
        return this.#db.asOwner((tx) => work(guarded(tx)));
      },
    };
  }

  #event(given: SentAs): UsageEvent {
    const { source, input, day, agent, model } = given;
    const tenant = given.tenant === 'known' ? this.#tenant : `${this.#tenant}-nobody`;
    // An id belongs to one tenant in this run: the same one of another tenant is another id.
    const id = `${this.#tenant}-${given.id}${given.tenant === 'known' ? '' : '-nobody'}`;
    const time = Date.UTC(2026, 9, 24 + day, 23, 50);
    return testEvent({ tenant, id, source, input, output: 7, model, time, attribution: { agent } });
  }

  /** Every step leaves a ledger whose sums are its events; a settled one has all that was acknowledged. */
  async #look(settled: boolean): Promise<void> {
    const found = await this.#db.asOperator(async (tx) => {
      const { rows: stored } = await tx.query<StoredRow>(
        `select e.id, encode(i.content_hash, 'hex') as hash, coalesce(e.usage_source, 'reported') as source, e.total_cost as cost
           from usage_events e left join event_ids i on i.tenant_id = e.tenant_id and i.id = e.id
          where e.tenant_id in ($1, $1 || '-nobody')`,
        [this.#tenant],
      );
      const { rows: misfits } = await tx.query<{ id: string; hash: string }>(
        `select event_id as id, encode(content_hash, 'hex') as hash from quarantined_events where tenant_id in ($1, $1 || '-nobody')`,
        [this.#tenant],
      );
      const { rows: sums } = await tx.query<{ what: string }>(DIFFERENT_SUMS, [this.#tenant]);
      return { stored, misfits, sums };
    });
    const stored = found.stored.map(
      ({ id, hash, source, cost }): Stored => ({
        ...{ id, hash, source },
        costPicos: cost === null ? null : BigInt(cost.replace('.', '')),
      }),
    );
    const quarantined = new Set(found.misfits.map(({ id, hash }) => `${id} ${hash}`));
    this.wrong.push(
      ...found.sums.map(({ what }) => what),
      ...this.#model.compare(stored, quarantined, settled),
    );
  }
}

interface StoredRow {
  readonly id: string;
  readonly hash: string;
  readonly source: string;
  readonly cost: string | null;
}

/** One statement sees one moment: events and sums of it must agree, whatever is under way. */
const DIFFERENT_SUMS = `
  with events as (
    select count(*) as requests, coalesce(sum(input_tokens), 0) as input, coalesce(sum(total_cost), 0) as cost
      from usage_events where tenant_id = $1
  ), buckets as (
    select 'quarter hours' as buckets, dimension, requests, input_tokens, total_cost from rollups_15m where tenant_id = $1
    union all
    select 'days', dimension, requests, input_tokens, total_cost from rollups_day where tenant_id = $1
  ), sums as (
    select place.buckets, place.dimension, coalesce(sum(requests), 0) as requests,
           coalesce(sum(input_tokens), 0) as input, coalesce(sum(total_cost), 0) as cost
      from (values ('quarter hours', 'all'), ('quarter hours', 'total'), ('days', 'all'), ('days', 'total'))
           as place (buckets, dimension) left join buckets using (buckets, dimension)
     group by 1, 2
  )
  select format('%s by %s: %s %s %s, events: %s %s %s', buckets, dimension, s.requests, s.input, s.cost,
                e.requests, e.input, e.cost) as what
    from sums s, events e where (s.requests, s.input, s.cost) <> (e.requests, e.input, e.cost)`;

const refused = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
