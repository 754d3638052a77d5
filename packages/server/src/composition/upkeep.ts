/** Background work: limits, alerts, retention, erasure, proofs, and the periodic jobs that run them. */
import { readMonthSpend } from '../agent-spend/agent-spend.ts';
import { type Alerts, createAlerts } from '../alerts/alerts.ts';
import { alertsJob } from '../alerts/jobs.ts';
import { type AgentRegistry, createAgentRegistry } from '../budgets/agent-registry.ts';
import type { Job } from '../jobs/job.ts';
import { type Jobs, startJobs } from '../jobs/jobs.ts';
import { createEraser, type Eraser } from '../retention/eraser.ts';
import { partitionsJob, retentionJob } from '../retention/jobs.ts';
import { createRetention, type Retention } from '../retention/retention.ts';
import { createWatch, type Watch } from '../rollups/watch.ts';
import { auditChainJob } from '../tenants/audit/find-audit-faults.ts';
import { watchReportingLogins } from '../tenants/reporting-logins/reporting-watch.ts';
import type { Ground } from './ground.ts';
import type { Opening } from './opening.ts';

export interface UpkeepParts {
  /** Limits and pauses of agents. */
  readonly agents: AgentRegistry;
  /** Thresholds, and what has been reached. */
  readonly alerts: Alerts;
  readonly retention: Retention;
  readonly eraser: Eraser;
  /** Proves the ledger's invariants. */
  readonly watch: Watch;
  /** Periodic jobs and their last runs. */
  readonly jobs: Jobs;
}

/** Opens it. A new job is one more line of `jobs` below. */
export async function openUpkeep(opening: Opening, ground: Ground): Promise<UpkeepParts> {
  const { config, db, log, now } = ground;
  const keeping = { db, instanceDays: config.retention.days, now };
  const eraser = await opening.part(
    'erasure',
    () => createEraser({ db, log }),
    (part) => part.close(),
  );
  const watch = createWatch({ db, log, now });
  const alerts = createAlerts({ db, log, now, defaultLimitPicos: config.agents.defaultLimitPicos });
  const jobs = await openJobs(opening, ground, [
    partitionsJob(db, now),
    retentionJob(keeping),
    eraser.job,
    watch.job,
    alertsJob(alerts),
    auditChainJob(db),
  ]);
  await opening.part(
    'watch of reporting logins',
    () => watchReportingLogins({ db, log }),
    (part) => part.close(),
  );
  return {
    agents: createAgentRegistry({ db, now, monthSpend: (tx, agent) => readMonthSpend(tx, agent, now()) }),
    alerts,
    retention: createRetention(keeping),
    eraser,
    watch,
    jobs,
  };
}

function openJobs(opening: Opening, ground: Ground, jobs: readonly Job[]): Promise<Jobs> {
  const { config, connectionString, db, log } = ground;
  return opening.part(
    'jobs',
    () => startJobs({ db, connectionString, jobs, log, enabled: config.jobs.enabled }),
    (part) => part.stop(),
  );
}
