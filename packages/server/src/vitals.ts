/**
 * The vital signs of this process: how long its event loop was blocked, and how much memory it took. A server that
 * carries streams must not block its loop: a blocked loop delays every call.
 */
import { performance } from 'node:perf_hooks';

/** How long one turn of the event loop took at most, milliseconds. */
export interface Stall {
  /** By the clock. On a busy machine this includes the time in which other programs ran. */
  readonly wallMs: number;
  /** Processor time of the loop's thread: how long this process itself blocked the loop. */
  readonly busyMs: number;
}

export interface VitalsReading {
  /** Longest since the process began. */
  readonly sinceStart: Stall;
  /** Longest of the last minute or two. */
  readonly recent: Stall;
  readonly residentBytes: number;
  readonly peakResidentBytes: number;
}

export interface Vitals {
  read(): VitalsReading;
  close(): void;
}

/** How often the loop is looked at. A shorter stall is not seen, and `busyMs` may be too long by this much. */
const LOOK_EVERY_MS = 20;
const RECENT_MS = 60_000;

/** Begins to watch. */
export function watchVitals(): Vitals {
  let sinceStart: Stall = { wallMs: 0, busyMs: 0 };
  // Two spans of a minute: the current one and the one before it, so that a reading never covers less than a minute.
  let current: Stall = { wallMs: 0, busyMs: 0 };
  let previous: Stall = { wallMs: 0, busyMs: 0 };
  let spanBegan = performance.now();
  let lastWall = performance.now();
  let lastCpu = threadCpuMs();

  const timer = setInterval(() => {
    const wall = performance.now();
    const cpu = threadCpuMs();
    const seen: Stall = {
      wallMs: Math.max(0, wall - lastWall - LOOK_EVERY_MS),
      busyMs: Math.min(cpu - lastCpu, wall - lastWall),
    };
    lastWall = wall;
    lastCpu = cpu;
    sinceStart = longer(sinceStart, seen);
    current = longer(current, seen);
    if (wall - spanBegan < RECENT_MS) return;
    previous = current;
    current = { wallMs: 0, busyMs: 0 };
    spanBegan = wall;
  }, LOOK_EVERY_MS);
  timer.unref();

  return {
    read: () => ({
      sinceStart,
      recent: longer(previous, current),
      residentBytes: process.memoryUsage.rss(),
      peakResidentBytes: process.resourceUsage().maxRSS * 1024,
    }),
    close: () => clearInterval(timer),
  };
}

function longer(one: Stall, other: Stall): Stall {
  return {
    wallMs: Math.max(one.wallMs, other.wallMs),
    busyMs: Math.max(one.busyMs, other.busyMs),
  };
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
