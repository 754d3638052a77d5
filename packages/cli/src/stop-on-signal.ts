/** How a server in the foreground ends. */
import type { RunningServer } from '@farthing/server';

/** Resolves when the server has stopped. The first signal drains; the second leaves at once, which loses nothing acknowledged. */
export function stopOnSignal(server: RunningServer): Promise<void> {
  return new Promise((resolve, reject) => {
    let asked = false;
    const stop = (signal: NodeJS.Signals) => {
      if (asked) process.exit(signal === 'SIGINT' ? 130 : 143);
      asked = true;
      server.stop().then(resolve, reject);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}
