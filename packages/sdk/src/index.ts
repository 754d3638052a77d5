/** Farthing's TypeScript client. */
export type { Attribution } from './attribution.ts';
export { withAttribution } from './attribution-store.ts';
export { type EventInput, Farthing } from './farthing.ts';
export type { DeliveryStats } from './send/delivery.ts';
export type { DeliveryError, FarthingOptions } from './settings.ts';
export type { TrackOptions } from './track/tracked-fetch.ts';
