/** Processor time of the two sides: on a busy machine it says more than the clock. Linux; elsewhere not known. */
import { readdirSync, readFileSync } from 'node:fs';

const TICK_US = 10_000;

/** Microseconds that the process has spent, with its finished children's. NaN where that cannot be read. */
function spentBy(pid: number): { readonly parent: number; readonly us: number } {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { parent: Number(fields[1]), us: ticks * TICK_US };
  } catch {
    return { parent: Number.NaN, us: Number.NaN };
  }
}

/** A process alone. */
export function processCpu(pid: number): number {
  return spentBy(pid).us;
}

/** PostgreSQL: the postmaster behind `backend` and all its children. */
export function postgresCpu(backend: number): number {
  const postmaster = spentBy(backend).parent;
  if (Number.isNaN(postmaster)) return Number.NaN;
  let us = spentBy(postmaster).us;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const process = spentBy(Number(name));
    if (process.parent === postmaster) us += process.us;
  }
  return us;
}
