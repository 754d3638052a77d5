import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/postgres/test-database.ts';
import type { Job, JobsStatus } from './job.ts';
import { type Jobs, type JobsOptions, startJobs } from './jobs.ts';

const silent = { info() {}, warn() {}, error() {} };

let store: TestDatabase;
const open: Jobs[] = [];
beforeAll(async () => {
  store = await createTestDatabase();
});
afterAll(async () => {
  await Promise.all(open.map((jobs) => jobs.stop()));
  await store.drop();
});

type StartOptions = Partial<Pick<JobsOptions, 'connectionString' | 'enabled' | 'watchMs' | 'log'>>;

function start(jobs: readonly Job[], options: StartOptions = {}): Jobs {
  const started = startJobs({
    db: store.database,
    connectionString: store.connectionString,
    jobs,
    log: silent,
    enabled: true,
    delayMs: 0,
    ...options,
  });
  open.push(started);
  return started;
}

function job(given: Partial<Job> & Pick<Job, 'name' | 'run'>): Job {
  return { about: 'A job of a test.', schedule: '0 0 1 1 *', atStart: false, deadlineMs: 60_000, ...given };
}

async function until(jobs: Jobs, reached: (status: JobsStatus) => boolean): Promise<JobsStatus> {
  for (;;) {
    const status = await jobs.status();
    if (reached(status)) return status;
    await sleep(20);
  }
}

const running = (jobs: Jobs) => until(jobs, ({ state }) => state === 'running');

test('a job has one owner at a time among processes, and a trigger during a run gives one more run', async () => {
  let inside = 0;
  let most = 0;
  let runs = 0;
  const one = job({
    name: 'alone',
    async run() {
      inside += 1;
      most = Math.max(most, inside);
      await sleep(150);
      inside -= 1;
      runs += 1;
      return { runs };
    },
  });
  const processes = [start([one]), start([one]), start([one])];
  await Promise.all(processes.map(running));
  await Promise.all(processes.map((process) => process.trigger('alone')));
  await until(processes[0] as Jobs, () => inside === 1);
  await Promise.all(processes.map((process) => process.trigger('alone')));
  await until(processes[0] as Jobs, () => runs >= 1 && inside === 0);
  expect(most).toBe(1);
  await Promise.all(processes.map((process) => process.stop()));
});

test('a run is told with its note, its duration and the next one', async () => {
  const jobs = start([
    job({ name: 'told', schedule: '*/10 * * * *', run: async () => ({ looked_at: 3, well: true }) }),
  ]);
  await running(jobs);
  await jobs.trigger('told');
  const status = await until(jobs, ({ jobs: [one] }) => one?.last?.outcome === 'done');
  const [told] = status.jobs;
  expect(told?.last).toMatchObject({ note: { looked_at: 3, well: true }, error: null });
  expect(told?.last?.durationMs).toBeGreaterThanOrEqual(0);
  expect(told).toMatchObject({ runs: 1, failures: 0 });
  expect((told?.next?.getTime() ?? 0) % 600_000).toBe(0);
  expect(told?.next?.getTime()).toBeGreaterThan(Date.now());
  await jobs.stop();
});

test('a failure is told with its reason, counted until the next success, and stops nothing', async () => {
  let fails = true;
  const jobs = start([
    job({
      name: 'fails',
      async run() {
        if (fails) throw new Error('the disk is full');
        return {};
      },
    }),
  ]);
  await running(jobs);
  await jobs.trigger('fails');
  const failed = await until(jobs, ({ jobs: [one] }) => one?.last?.outcome === 'failed');
  expect(failed.jobs[0]).toMatchObject({ failures: 1, last: { error: 'the disk is full' } });
  fails = false;
  await jobs.trigger('fails');
  const done = await until(jobs, ({ jobs: [one] }) => one?.last?.outcome === 'done');
  expect(done.jobs[0]).toMatchObject({ failures: 0, runs: 2, last: { error: null } });
  await jobs.stop();
});

test('a job of the start runs once for all processes, and again only when its turn has passed', async () => {
  let runs = 0;
  const first = job({
    name: 'at-start',
    schedule: '0 3 * * *',
    atStart: true,
    run: async () => ({ run: ++runs }),
  });
  const jobs = start([first]);
  await until(jobs, ({ jobs: [one] }) => one?.last?.outcome === 'done');
  await jobs.stop();
  const later = start([first]);
  await running(later);
  await later.trigger('at-start'); // if the start had queued it too, both would be one
  await until(later, ({ jobs: [one] }) => one?.runs === 2 && one.last?.outcome === 'done');
  await later.stop();
  expect(runs).toBe(2);
});

test('a stop tells the job, waits for it, and frees its name for other processes', async () => {
  let ended = false;
  const patient = job({
    name: 'patient',
    async run(signal) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await sleep(50);
      ended = true;
      return {};
    },
  });
  const jobs = start([patient]);
  await running(jobs);
  await jobs.trigger('patient');
  await until(jobs, ({ jobs: [one] }) => one?.last?.outcome === 'running');
  await jobs.stop();
  expect(ended).toBe(true);
  expect((await jobs.status()).state).toBe('stopped');
  const { rows } = await store.database.asOwner((tx) => tx.query('select 1 from job_locks'));
  expect(rows).toEqual([]);
});

test('a run whose process was killed keeps nobody from the next one', async () => {
  let runs = 0;
  const again = job({ name: 'killed', run: async () => ({ run: ++runs }) });
  const jobs = start([again]);
  await running(jobs);
  // State after a kill -9: the job is locked, its worker is gone, and no end is recorded.
  await jobs.trigger('killed');
  await until(jobs, ({ jobs: [one] }) => one?.runs === 1 && one.last?.outcome === 'done');
  await store.database.asOwner(async (tx) => {
    await tx.query(
      `select graphile_worker.add_job('killed', job_key := 'killed', run_at := now() + interval '1 hour')`,
    );
    await tx.query(
      `update graphile_worker._private_jobs set locked_at = now(), locked_by = 'a dead worker', attempts = 1`,
    );
  });
  await jobs.trigger('killed');
  await until(jobs, ({ jobs: [one] }) => one?.runs === 2 && one.last?.outcome === 'done');
  expect(runs).toBe(2);
  await jobs.stop();
});

test('a login that may not make the queue its schema is told what to ask for, and the server works on', async () => {
  const bare = await createTestDatabase();
  const role = `nobody_${Date.now()}`;
  await bare.database.asOwner(async (tx) => {
    await tx.query(`create role ${role} login password 'a password'`);
    await tx.query(`grant select, insert, update, delete on job_locks to ${role}`);
  });
  const url = new URL(bare.connectionString);
  url.username = role;
  url.password = 'a password';
  const jobs = startJobs({
    db: bare.database,
    connectionString: url.href,
    jobs: [job({ name: 'never', run: async () => ({}) })],
    log: silent,
    enabled: true,
    delayMs: 0,
  });
  try {
    const status = await until(jobs, ({ state }) => state === 'unavailable');
    expect(status.reason).toMatch(/grant create on database "?test_\w+"? to/);
    expect(status.jobs).toMatchObject([{ name: 'never', next: null }]);
    // An outside scheduler may decide when to run.
    expect(await jobs.trigger('never')).toBe(true);
    await until(jobs, ({ jobs: [one] }) => one?.last?.outcome === 'done');
  } finally {
    await jobs.stop();
    await bare.database.asOwner((tx) => tx.query(`revoke all on job_locks from ${role}; drop role ${role}`));
    await bare.drop();
  }
});

test('where it is switched off nothing is opened, what others did is told, and a job runs when it is asked for', async () => {
  let ended = false;
  const one = job({
    name: 'told',
    async run(signal) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      ended = true;
      return {};
    },
  });
  const jobs = start([one], { enabled: false });
  expect(await jobs.status()).toMatchObject({
    state: 'off',
    jobs: [{ name: 'told', last: { outcome: 'done' }, next: null }],
  });
  expect(await jobs.trigger('unheard of')).toBe(false);
  expect(await jobs.trigger('told')).toBe(true);
  await until(jobs, ({ jobs: [told] }) => told?.last?.outcome === 'running');
  await jobs.stop();
  expect(ended).toBe(true);
  expect(await jobs.trigger('told')).toBe(false);
});

test('when its connections are cut the queue comes back by itself', async () => {
  let runs = 0;
  const jobs = start([job({ name: 'cut-off', run: async () => ({ run: ++runs }) })]);
  await running(jobs);
  await store.database.asOwner((tx) =>
    tx.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'farthing jobs'`,
    ),
  );
  // Until it listens again an announcement can be lost, and a run that began on a dying connection has failed.
  for (let done = false; !done; ) {
    await jobs.trigger('cut-off').catch(() => false);
    await sleep(50);
    const { jobs: known } = await jobs.status();
    done = known[0]?.last?.outcome === 'done';
  }
  expect(runs).toBeGreaterThan(0);
  await until(jobs, ({ state }) => state === 'running');
  await jobs.stop();
}, 90_000); // it waits between its attempts to come back

test('a queue that takes no job although it has a free hand is opened again, and goes on', async () => {
  let runs = 0;
  const one = job({ name: 'not-taken', run: async () => ({ run: ++runs }) });
  const first = start([one]);
  await running(first);
  await first.stop();
  await store.database.asOwner((tx) =>
    tx.query(`select graphile_worker.add_job('not-taken', job_key => 'not-taken', max_attempts => 1)`),
  );
  const letGo = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const held = store.database.asOwner(async (tx) => {
    await tx.query('select 1 from graphile_worker._private_jobs for update');
    locked.resolve();
    await letGo.promise;
  });
  await locked.promise;
  const said: string[] = [];
  const jobs = start([one], {
    watchMs: 200,
    log: { ...silent, warn: (_details: object, message: string) => said.push(message) },
  });
  await expect.poll(() => said).toContain('The job queue stood still; it is opened again');
  letGo.resolve();
  await held;
  await until(jobs, () => runs === 1);
  await jobs.stop();
});

test('forged notices, ten thousand of them, end no worker and hold up no job', async () => {
  let runs = 0;
  const jobs = start([job({ name: 'told-truly', run: async () => ({ run: ++runs }) })]);
  await running(jobs);
  const exitCode = process.exitCode;
  for (const [channel, payload] of [
    ['worker:migrate', '{"breaking":true,"migrationNumber":999}'],
    ['jobs:insert', '{"count":1000000000}'],
  ]) {
    for (let batch = 0; batch < 50; batch++) {
      await store.database.asOwner((tx) =>
        tx.query(`select pg_notify($1, $2 || repeat(' ', n)) from generate_series(1, 100) n`, [
          channel,
          payload,
        ]),
      );
    }
  }
  await jobs.trigger('told-truly');
  await until(jobs, ({ jobs: [one] }) => one?.last?.outcome === 'done');
  expect(runs).toBe(1);
  expect((await jobs.status()).state).toBe('running');
  expect(process.exitCode).toBe(exitCode);
  await jobs.stop();
});

test('a stop that comes while the queue is being opened ends it all the same', async () => {
  for (const wait of [0, 5, 20, 60, 120, 200]) {
    const jobs = start([job({ name: 'hardly-begun', atStart: true, run: async () => ({}) })]);
    await sleep(wait);
    await jobs.stop();
    expect((await jobs.status()).state).toBe('stopped');
  }
  const { rows } = await store.database.asOwner((tx) =>
    tx.query(
      `select 1 from pg_stat_activity
        where datname = current_database() and application_name = 'farthing jobs' and state <> 'idle'`,
    ),
  );
  expect(rows).toEqual([]);
});

test('a database that goes away while a job runs ends neither the process nor the periodic work', async () => {
  const own = await createTestDatabase();
  const name = new URL(own.connectionString).pathname.slice(1);
  const open = (allowed: boolean) =>
    store.database.asOwner((tx) => tx.query(`alter database ${name} with allow_connections ${allowed}`));
  let runs = 0;
  // Only the queue's database goes away: past runs can still be read.
  const jobs = start(
    [
      job({
        name: 'cut',
        async run() {
          runs += 1;
          if (runs > 1) return {};
          await open(false);
          await store.database.asOwner((tx) =>
            tx.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]),
          );
          return {};
        },
      }),
    ],
    { connectionString: own.connectionString },
  );
  await running(jobs);
  await jobs.trigger('cut');
  // If the queue lost a rejection instead, the test runner would report it as a failure.
  await until(jobs, ({ state }) => state === 'unavailable');
  await open(true);
  await running(jobs);
  while (runs === 1) {
    await jobs.trigger('cut').catch(() => undefined);
    await sleep(100);
  }
  await jobs.stop();
  await own.drop();
});
