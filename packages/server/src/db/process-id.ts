import type pg from 'pg';

/** The process of a connection's backend, as it introduced itself; the types of `pg` leave it out. */
export function processIdOf(client: pg.PoolClient): number | null {
  return 'processID' in client && typeof client.processID === 'number' ? client.processID : null;
}
