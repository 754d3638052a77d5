/** What a check finds. */

export type Rule =
  | 'import'
  | 'cycle'
  | 'arrow-back'
  | 'environment'
  | 'figures'
  | 'sums'
  | 'sql-name'
  | 'error-name'
  | 'name'
  | 'leftover'
  | 'focused-test'
  | 'skipped-test'
  | 'length'
  | 'function-length'
  | 'folder-size'
  | 'readme'
  | 'exported-once'
  | 'dependency'
  | 'control-character'
  | 'machine-path'
  | 'exception';

export interface Violation {
  readonly rule: Rule;
  readonly path: string;
  /** 0: the file as a whole. */
  readonly line: number;
  readonly message: string;
  /** By which an exception names it, for rules that have exceptions. */
  readonly subject?: string;
}
