/** What became of the lines of an import: counts, unpriced models, rejected lines by number. */
import type { ErrorCode, UsageEventResult } from '@farthing/contract';

/** A line that is not stored. */
export interface RejectedLine {
  readonly file: string;
  readonly line: number;
  readonly id: string | null;
  readonly code: ErrorCode;
  readonly message: string;
}

export interface ImportSummary {
  readonly lines: number;
  readonly accepted: number;
  readonly superseded: number;
  readonly duplicate: number;
  /** On the server's spool, priced when its database is back. */
  readonly queued: number;
  /** Checked and not kept: the server's recording is switched off. */
  readonly disabled: number;
  readonly rejected: number;
  /** Stored without a price, of those accepted. */
  readonly unpriced: number;
  /** What could not be priced, most frequent first. */
  readonly unpriced_models: readonly { readonly name: string; readonly lines: number }[];
  /** The first rejected lines; all of them were named on stderr. */
  readonly rejected_lines: readonly RejectedLine[];
}

/** Rejected lines kept for the summary; the rest is only counted. */
const KEPT_REJECTIONS = 1_000;

/** Adds up the answers of an import. */
export class Tally {
  #lines = 0;
  #unpriced = 0;
  readonly #counts = { accepted: 0, superseded: 0, duplicate: 0, queued: 0, disabled: 0, rejected: 0 };
  readonly #models = new Map<string, number>();
  readonly #rejections: RejectedLine[] = [];
  readonly #onReject: (line: RejectedLine) => void;

  constructor(onReject: (line: RejectedLine) => void) {
    this.#onReject = onReject;
  }

  /** One stored or refused line. `model` names what it was about, for the list of unpriced ones. */
  add(file: string, line: number, model: string, result: UsageEventResult): void {
    if ('error' in result) {
      this.reject({ file, line, id: result.id, code: result.error.code, message: result.error.message });
      return;
    }
    this.#lines += 1;
    this.#counts[result.status] += 1;
    if (!('cost_usd' in result) || result.cost_usd !== null) return;
    if (result.status !== 'duplicate') this.#unpriced += 1;
    this.#models.set(model, (this.#models.get(model) ?? 0) + 1);
  }

  reject(rejection: RejectedLine): void {
    this.#lines += 1;
    this.#counts.rejected += 1;
    if (this.#rejections.length < KEPT_REJECTIONS) this.#rejections.push(rejection);
    this.#onReject(rejection);
  }

  summary(): ImportSummary {
    const models = [...this.#models]
      .map(([name, lines]) => ({ name, lines }))
      .sort((a, b) => b.lines - a.lines);
    return {
      lines: this.#lines,
      ...this.#counts,
      unpriced: this.#unpriced,
      unpriced_models: models,
      rejected_lines: this.#rejections,
    };
  }
}
