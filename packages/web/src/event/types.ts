/** What the pages know of a request: a row of the list, and one opened. */
import type { ApiOutputs } from '../api.ts';

export type EventSummary = ApiOutputs['events']['list']['events'][number];
export type EventDetail = ApiOutputs['events']['get'];
