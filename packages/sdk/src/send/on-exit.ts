/** Flushes when the process ends, without changing how it ends. */

/** Something with events to flush. */
export interface Flushable {
  /** True where there is something to send. */
  pending(): boolean;
  /** Never rejects; ends within its own bound. */
  flush(): Promise<unknown>;
}

const open = new Set<Flushable>();
let installed = false;

/** Registers for the end of the process; the returned function takes it back. Nothing happens outside of Node. */
export function flushOnExit(flushable: Flushable): () => void {
  if (typeof process === 'undefined' || typeof process.on !== 'function') return () => undefined;
  open.add(flushable);
  if (!installed) {
    installed = true;
    process.on('beforeExit', onBeforeExit);
    process.on('SIGTERM', onSigterm);
  }
  return () => {
    open.delete(flushable);
    if (open.size === 0 && installed) {
      installed = false;
      process.off('beforeExit', onBeforeExit);
      process.off('SIGTERM', onSigterm);
    }
  };
}

function flushAll(): Promise<unknown> {
  return Promise.all([...open].filter((each) => each.pending()).map((each) => each.flush()));
}

let leaving = false;

/** Node fires this again if work was done in it. So it tries once per process: a dead server must not keep it alive. */
function onBeforeExit(): void {
  if (leaving) return;
  leaving = true;
  void flushAll();
}

/**
 * A listener switches off Node's own exit on SIGTERM. Where ours is the only one, the signal is raised again
 * after the flush; where the program has its own, that one decides and ours only flushes.
 */
function onSigterm(): void {
  const alone = process.listenerCount('SIGTERM') === 1;
  void flushAll().then(() => {
    if (!alone) return;
    process.off('SIGTERM', onSigterm);
    process.kill(process.pid, 'SIGTERM');
  });
}
