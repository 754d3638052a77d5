/** The periodic work of alerts. */
import type { Job } from '../jobs/job.ts';
import type { Alerts } from './alerts.ts';

/** Evaluates thresholds periodically, so that alerts do not depend on a request. */
export function alertsJob(alerts: Pick<Alerts, 'evaluate'>): Job {
  return {
    name: 'alerts',
    about: 'Holds spend against the limits of agents and thresholds, and tells what was reached.',
    schedule: '*/15 * * * *',
    atStart: true,
    deadlineMs: 5 * 60_000,
    async run() {
      return { told: (await alerts.evaluate(null)).length };
    },
  };
}
