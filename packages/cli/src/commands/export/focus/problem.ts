/** What the checker reports about a file. */

/** One thing wrong. */
export interface FocusProblem {
  /** Row of the file, the header being row 1; 0 = the file as a whole, or its metadata. */
  readonly row: number;
  readonly column: string;
  /** `error`: FOCUS says MUST. `warning`: it says SHOULD. */
  readonly severity: 'error' | 'warning';
  readonly message: string;
}
