/** Where a run stands: the last event it has seen, in the order of tenant, time and id. */
export interface Cursor {
  readonly tenant: string;
  readonly time: Date;
  readonly id: string;
}
