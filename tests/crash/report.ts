/** Prints what a crash test did, so that its figures can be read in the log of a run. */

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export function restartFigures(restarts: readonly number[]): string {
  return `restart ms p50 ${percentile(restarts, 0.5).toFixed(0)}, max ${Math.max(0, ...restarts).toFixed(0)}`;
}

export function printFigures(name: string, figures: Readonly<Record<string, unknown>>): void {
  const words = Object.entries(figures).map(([key, value]) => `${key} ${JSON.stringify(value)}`);
  console.log(`${name}: ${words.join(', ')}`);
}
