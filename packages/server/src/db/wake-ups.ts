/**
 * Wake-ups: NOTIFY without data, on channels whose names only the server's roles can read. PostgreSQL lets every login
 * listen and notify, but a login that does not know the name receives nothing and wakes no one.
 */

/** Reasons for a wake-up. A new one needs a row in `wake_ups`. */
export type Topic = 'events' | 'prices';

/** However many notices come, a listener is called at most once in this time (and once more for those in between). */
export const WAKE_INTERVAL_MS = 100;

/**
 * Runs `call` at once and then at most every `intervalMs`. All requests within an interval become one call at its end.
 *
 * @example const woken = atMostEvery(100, look); woken.ask(); woken.stop();
 */
export function atMostEvery(
  intervalMs: number,
  call: () => void,
): { readonly ask: () => void; readonly stop: () => void } {
  let timer: NodeJS.Timeout | null = null;
  let again = false;
  const wait = () => {
    timer = setTimeout(() => {
      timer = null;
      if (again) run();
    }, intervalMs);
    timer.unref();
  };
  const run = () => {
    again = false;
    wait();
    call();
  };
  return {
    ask() {
      if (timer === null) run();
      else again = true;
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      again = false;
    },
  };
}
