/** One finding of `doctor`. */
export interface Finding {
  readonly name: string;
  /** `bad` makes the command fail; `info` is only printed. */
  readonly state: 'good' | 'bad' | 'info';
  readonly text: string;
}
