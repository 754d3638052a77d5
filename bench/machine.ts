/** What a measurement was made on: without it a figure says nothing. */
import { cpus, totalmem } from 'node:os';

/** One line: processor, memory, system, run time. */
export function describeMachine(): string {
  const [first] = cpus();
  const memory = (totalmem() / 2 ** 30).toFixed(1);
  const parts = [
    `${cpus().length} × ${first?.model.trim() ?? 'unknown processor'}`,
    `${memory} GiB`,
    `${process.platform} ${process.arch}`,
    `Node ${process.version}`,
  ];
  return parts.join(', ');
}

/** `a` as a share of `b`, two decimals: `0.53 × COPY`. */
export function ratio(a: number, b: number, of: string): string {
  return `${(a / b).toFixed(2)} × ${of}`;
}
