/** Puts our own work behind the caller's: parsing and serialising never run inside a model call. */

/** Runs the task after the current turn of the event loop. A task that throws is reported, never raised. */
export function runLater(task: () => void, onFault: (error: unknown) => void): void {
  const run = () => {
    try {
      task();
    } catch (error) {
      onFault(error);
    }
  };
  if (typeof setImmediate === 'function') setImmediate(run);
  else setTimeout(run, 0);
}
