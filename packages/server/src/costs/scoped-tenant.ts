/** One tenant as queries need it. */
export interface ScopedTenant {
  readonly id: string;
  readonly name: string;
  /** Zone of its day rollups. */
  readonly timezone: string;
  /** Its watermark, Unix milliseconds: before it there are sums and no single events. Null: every event is kept. */
  readonly eventsFrom: number | null;
}
