/** The named steps of recording at which a process is killed, and which part of it goes through them. */

/**
 * `database`: events go straight into the ledger. `outage`: the database goes away and comes back, events go through
 * the spool. `journal`: events are kept as the gateway keeps them.
 */
export type Scene = 'database' | 'outage' | 'journal';

export interface KillPoint {
  readonly scene: Scene;
  /** The step that has just been taken when the process dies. */
  readonly step: string;
}

const DATABASE = [
  'month made',
  'transaction begun',
  'ids claimed',
  'events inserted',
  'ids moved',
  'event replaced',
  'adjustment written',
  'names registered',
  'quarter hours added',
  'days added',
  'work done, COMMIT not sent',
  'COMMIT sent, not answered',
  'COMMIT answered',
  'round written',
  'listeners told',
  'caller answered',
];

const FILES = [
  'segment opened',
  'folder synced',
  'half a write done',
  'write done, not synced',
  'write synced',
  'caller answered',
  'segment closed',
  'segment read back',
  'segment deleted, folder not synced',
];

const OUTAGE = [...FILES, 'quarantine written', 'work done, COMMIT not sent', 'COMMIT answered'];

const JOURNAL = [...FILES, 'quarantine written', 'COMMIT answered', 'segment recorded'];

const of = (scene: Scene, steps: readonly string[]): KillPoint[] => steps.map((step) => ({ scene, step }));

export const KILL_POINTS: readonly KillPoint[] = [
  ...of('database', DATABASE),
  ...of('outage', OUTAGE),
  ...of('journal', JOURNAL),
];

/** What the killed process has to do. */
export interface Orders extends KillPoint {
  readonly connectionString: string;
  /** Holds the spool and the journal. */
  readonly folder: string;
  /** Killed when the step is taken for the n-th time. */
  readonly nth: number;
  /** Begins the ids, so that no two processes share one. */
  readonly run: string;
  /** Months from 2020 on without an event yet, for `month made`. */
  readonly firstMonth: number;
}
