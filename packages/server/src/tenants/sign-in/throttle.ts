/** Slows guessing down: a burst of attempts per account and per address, then one at a time. In bounded memory. */
import { isIPv6 } from 'node:net';
import { AppError } from '@farthing/contract';

/** `burst` attempts at once, then one each `everyMs`. */
export interface Limit {
  readonly burst: number;
  readonly everyMs: number;
}

/** Something attempts are counted for. */
export interface Counted {
  readonly name: string;
  readonly limit: Limit;
}

export interface Throttle {
  /**
   * Counts one attempt for each, before it is made.
   *
   * @throws AppError `rate_limited` with the seconds to wait, when any has none left; then none is counted
   */
  take(counted: readonly Counted[]): void;
  /** Undoes an attempt that succeeded. */
  giveBack(counted: readonly Counted[]): void;
}

export interface ThrottleOptions {
  /** Milliseconds of a monotonic clock: the system time may be set back, and must not lock anyone out. */
  readonly elapsed?: () => number;
  /** Most names remembered; the least recently used one is evicted. */
  readonly capacity?: number;
}

/** When a name's attempts are all forgotten: every attempt moves it by `everyMs`. By `elapsed`. */
type Clear = number;

/** Makes the throttle of this process; several processes count apart. */
export function createThrottle({
  elapsed = () => performance.now(),
  capacity = 10_000,
}: ThrottleOptions): Throttle {
  const used = new Map<string, Clear>();

  /** Remaining debt, in milliseconds. */
  const debtOf = ({ name }: Counted): number => Math.max(0, (used.get(name) ?? 0) - elapsed());
  const set = (name: string, debt: number): void => {
    used.delete(name);
    if (debt <= 0) return;
    if (used.size >= capacity) {
      const [oldest] = used.keys();
      if (oldest !== undefined) used.delete(oldest);
    }
    used.set(name, elapsed() + debt);
  };

  return {
    take(counted) {
      const waits = counted.map((one) => debtOf(one) - (one.limit.burst - 1) * one.limit.everyMs);
      const wait = Math.max(0, ...waits);
      if (wait > 0) {
        throw new AppError('rate_limited', 'Too many attempts; wait a little before the next one.', {
          retryAfter: Math.ceil(wait / 1_000),
        });
      }
      for (const one of counted) set(one.name, debtOf(one) + one.limit.everyMs);
    },
    giveBack(counted) {
      for (const one of counted) set(one.name, debtOf(one) - one.limit.everyMs);
    },
  };
}

/**
 * The group an address is counted with: IPv6 by its /64, since the owner of one address there owns them all. IPv4
 * written as IPv6 counts as IPv4.
 *
 * @example addressGroup('2001:db8::1') // '2001:db8:0:0'
 */
export function addressGroup(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.toLowerCase().split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array<string>(zeros).fill('0'), ...after]
    .slice(0, 4)
    .map((part) => part.replace(/^0+(?=.)/, ''))
    .join(':');
}
