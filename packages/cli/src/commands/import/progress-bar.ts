/** The progress bar of an import: on a terminal only, by bytes read. */
import { stat } from 'node:fs/promises';
import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  /** Bytes of the sources read so far, of all files together. */
  advance(bytes: number): void;
  /** A line on stderr that does not tear the bar. */
  say(text: string): void;
  stop(): void;
}

/** Shows a bar where stderr is a terminal and the length of all sources is known; otherwise only the lines. */
export async function showProgress(paths: readonly string[]): Promise<Progress> {
  const plain: Progress = { advance: () => {}, say: (text) => console.error(text), stop: () => {} };
  const measurable = paths.every((path) => path !== '-' && !path.endsWith('.gz'));
  if (!process.stderr.isTTY || !measurable) return plain;
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const bar = new SingleBar(
    { format: '{bar} {percentage}% | {eta_formatted} left', hideCursor: true, stream: process.stderr },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return {
    advance: (bytes) => bar.increment(bytes),
    say: (text) => {
      process.stderr.write(`\r\u001b[K${text}\n`);
      bar.render();
    },
    stop: () => bar.stop(),
  };
}
